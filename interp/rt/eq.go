package rt

// Eq is the equality of two interface values.
func (r *Registry) Eq(x, y any) bool { return x == y }
