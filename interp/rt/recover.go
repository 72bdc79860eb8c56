package rt

// callValue calls a deferred function value: for its time Registry.Recover finds d.
func (d *Defers) callValue(f func()) { f() }

// Recover is the builtin in all other functions.
func (r *Registry) Recover() any { return nil }
