package rt

// Template makes what text/template and html/template are given for a value.
func (r *Registry) Template(x any) any { return r.Out(x) }
