package rt

import "reflect"

// Defers are the deferred calls of one activation of a function, and the panic that they run in.
type Defers struct {
	r      *Registry
	calls  []deferred
	panics *PanicError // the innermost panic of this activation; nil if there is none
	mark   int         // what had been traced when the activation began
}

type deferred struct {
	f      func()
	value  bool // f calls a function value, which may ask Registry.Recover
	nested int  // interpreted functions between f, which counts, and the value
}

// PanicError is a panic that was raised while another was under way. It is what Protect panics with then; Normalize
// gives its value.
type PanicError struct {
	Value     any
	Recovered bool        // by the deferred call that raised the next one
	Earlier   *PanicError // the one that it replaced
}

// NewDefers makes the record of an activation.
func (r *Registry) NewDefers() *Defers { return &Defers{r: r} }

// Push defers a call. The function may ask Defers.Recover.
func (d *Defers) Push(f func()) { d.calls = append(d.calls, deferred{f: f}) }

// PushValue defers a call of a function value, which may ask Registry.Recover: f does nothing but call it.
func (d *Defers) PushValue(f func()) {
	d.calls = append(d.calls, deferred{f: f, value: true, nested: 1})
}

// PushNested defers a call of a function value that is reached through nested interpreted functions, f being one.
func (d *Defers) PushNested(nested int, f func()) {
	d.calls = append(d.calls, deferred{f: f, value: true, nested: nested})
}

// PushCall defers a call of a function with arguments that are evaluated now. A variadic one takes a slice.
func (d *Defers) PushCall(f any, args ...any) {
	v := reflect.ValueOf(f)
	if !v.IsValid() || v.IsNil() {
		d.Push(func() { panic(nilDereference()) })
		return
	}
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = argument(a, v.Type().In(i))
	}
	call := direct(v)
	d.calls = append(d.calls, deferred{f: func() { call(in) }, value: true})
}

// Protect runs body and then what was deferred, last first, also when body panics or ends its goroutine. A panic goes
// on afterwards unless it was recovered.
func (r *Registry) Protect(d *Defers, body func()) {
	d.mark = r.traced()
	done := false
	defer func() {
		if !done {
			if v := recover(); v != nil {
				d.panics = asPanicError(v)
				r.unwinding.Store(goroutine(), nil)
			}
		}
		if len(d.calls) > 0 || d.panics != nil {
			d.run()
		}
	}()
	body()
	done = true
}

// run makes the deferred calls. A call that panics or ends the goroutine leaves through the deferred function, which
// makes the others.
func (d *Defers) run() {
	done := false
	defer func() {
		if done {
			return
		}
		if v := recover(); v != nil {
			next := asPanicError(v)
			next.first().Earlier = d.panics
			d.panics = next
		} else {
			d.panics = nil // runtime.Goexit ends the panic too
		}
		d.run()
	}()
	for len(d.calls) > 0 {
		last := len(d.calls) - 1
		c := d.calls[last]
		d.calls[last] = deferred{}
		d.calls = d.calls[:last]
		if c.value {
			d.callValue(c)
		} else {
			c.f()
		}
		if d.panics != nil && d.panics.Recovered {
			d.panics = nil
		}
	}
	done = true
	if p := d.panics; p != nil {
		d.panics = nil
		if p.Earlier == nil {
			panic(p.Value)
		}
		panic(p)
	}
}

// Recover is the builtin in a function that was deferred directly. It gives nil when there is no panic.
func (d *Defers) Recover() any {
	if d == nil || d.panics == nil || d.panics.Recovered {
		return nil
	}
	d.panics.Recovered = true
	d.r.unwinding.Delete(goroutine())
	d.r.untrace(d.mark)
	return d.r.Normalize(d.panics.Value)
}

// Push, PushValue, PushNested, PushCall and Recovered are the methods of Defers as functions, which the interpreter
// calls faster.
func push(d *Defers, f func())                   { d.Push(f) }
func pushOfValue(d *Defers, f func())            { d.PushValue(f) }
func pushNested(d *Defers, nested int, f func()) { d.PushNested(nested, f) }
func pushCall(d *Defers, f any, args ...any)     { d.PushCall(f, args...) }
func recovered(d *Defers) any                    { return d.Recover() }

func asPanicError(v any) *PanicError {
	if p, ok := v.(*PanicError); ok {
		return p
	}
	return &PanicError{Value: v}
}

// first is the panic that began it.
func (p *PanicError) first() *PanicError {
	for p.Earlier != nil {
		p = p.Earlier
	}
	return p
}

func (r *Registry) traced() int {
	if r.Traced == nil {
		return 0
	}
	return r.Traced()
}

func (r *Registry) untrace(mark int) {
	if r.Recovered != nil {
		r.Recovered(mark)
	}
}

// Error makes what compiled code that recovers the panic says of it.
func (p *PanicError) Error() string {
	switch v := p.Value.(type) {
	case error:
		return v.Error()
	case string:
		return v
	}
	return "panic in a deferred call"
}
