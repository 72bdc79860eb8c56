package rt

import (
	"reflect"
	"time"
)

// Go starts a goroutine. A panic in it goes to the hook and ends nothing else.
func (r *Registry) Go(f func()) {
	r.goroutines.Add(1)
	go func() {
		defer r.goroutines.Add(-1)
		r.guard(f)
	}()
}

// Guarded is a function for compiled code that calls it in a goroutine of its own: one that panics as one of Go does.
func (r *Registry) Guarded(f func()) func() {
	if f == nil {
		return nil
	}
	join := r.join()
	return func() {
		r.goroutines.Add(1)
		defer r.goroutines.Add(-1)
		join()
		r.guard(f)
	}
}

// GuardedValue is the same for functions of any type. One that panics gives zero values. All else it gives back as it is.
func (r *Registry) GuardedValue(x any) any {
	f := reflect.ValueOf(x)
	if !f.IsValid() || f.Kind() != reflect.Func || f.IsNil() {
		return x
	}
	join, call, t := r.join(), direct(f), f.Type()
	return reflect.MakeFunc(t, func(args []reflect.Value) (results []reflect.Value) {
		for o := range t.Outs() {
			results = append(results, reflect.Zero(o))
		}
		join()
		r.guard(func() { results = call(args) })
		return results
	}).Interface()
}

func (r *Registry) join() func() {
	if r.Join == nil {
		return func() {}
	}
	return r.Join()
}

// guard tells the hook of a panic.
func (r *Registry) guard(f func()) {
	disown := r.Own()
	defer func() {
		if v := recover(); v != nil && r.Panicked != nil {
			r.Panicked(v)
		}
		disown()
	}()
	f()
}

// Settle waits until no goroutine runs what it has deferred because of a panic: that may have let others go on before the
// panic is known. Those that take longer than patience are forgotten.
func (r *Registry) Settle(patience time.Duration) {
	for end := time.Now().Add(patience); ; time.Sleep(patience / 100) {
		late, found := time.Now().After(end), false
		r.unwinding.Range(func(g, _ any) bool {
			found = true
			if late {
				r.unwinding.Delete(g)
			}
			return late
		})
		if !found || late {
			return
		}
	}
}

// Goroutines is how many goroutines that cells have started are alive.
func (r *Registry) Goroutines() int { return int(r.goroutines.Load()) }
