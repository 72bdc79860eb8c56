package rt

// JSON makes what encoding/json is given for a value.
func (r *Registry) JSON(x any) any { return r.Raw(x) }

// JSONTarget makes what encoding/json can decode into for a pointer.
func (r *Registry) JSONTarget(x any) any { return r.Raw(x) }

// Template makes what text/template and html/template are given for a value.
func (r *Registry) Template(x any) any { return r.Out(x) }
