package rt

import "errors"

// ErrorsUnwrap is errors.Unwrap.
func (r *Registry) ErrorsUnwrap(err any) any {
	e, _ := r.Out(err).(error)
	return r.In(errors.Unwrap(e))
}

// ErrorsIs is errors.Is.
func (r *Registry) ErrorsIs(err, target any) bool {
	e, _ := r.Out(err).(error)
	t, _ := r.Out(target).(error)
	return errors.Is(e, t)
}

// ErrorsAs is errors.As: target is asked for each error of the tree, and takes the first that it likes.
func (r *Registry) ErrorsAs(err any, target func(any) bool) bool {
	for err != nil {
		if target(err) {
			return true
		}
		err = r.ErrorsUnwrap(err)
	}
	return false
}
