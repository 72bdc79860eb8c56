package interp

// withDefaults fills what is not set.
func (h Hooks) withDefaults() Hooks { return h }
