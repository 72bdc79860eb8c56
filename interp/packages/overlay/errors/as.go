package errors

// AsType finds the first error of type E in the tree of err: err itself, then what it wraps, depth first. An error may also
// set one with its method As.
func AsType[E error](err error) (E, bool) {
	var none E
	for err != nil {
		if found, ok := err.(E); ok {
			return found, true
		}
		if x, ok := err.(interface{ As(any) bool }); ok {
			var found E
			if x.As(&found) {
				return found, true
			}
		}
		switch x := err.(type) {
		case interface{ Unwrap() error }:
			err = x.Unwrap()
		case interface{ Unwrap() []error }:
			for _, wrapped := range x.Unwrap() {
				if found, ok := AsType[E](wrapped); ok {
					return found, true
				}
			}
			return none, false
		default:
			return none, false
		}
	}
	return none, false
}
