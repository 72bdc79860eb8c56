package rt

// Defers are the deferred calls of one activation of a function, and the panic that they run in.
type Defers struct {
	r      *Registry
	calls  []deferred
	panics *Panicking // the innermost panic of this activation; nil if there is none
}

type deferred struct {
	f     func()
	value bool // f calls a function value, which may ask Registry.Recover
}

// Panicking is a panic that was raised while another was under way. It is what Protect panics with then; Normalize
// gives its value.
type Panicking struct {
	Value     any
	Recovered bool       // by the deferred call that raised the next one
	Earlier   *Panicking // the one that it replaced
}

// NewDefers makes the record of an activation.
func (r *Registry) NewDefers() *Defers { return &Defers{r: r} }

// Push defers a call. The function may ask Recover.
func (d *Defers) Push(f func()) { d.calls = append(d.calls, deferred{f: f}) }

// PushValue defers a call of a function value: f does nothing but call it.
func (d *Defers) PushValue(f func()) { d.calls = append(d.calls, deferred{f: f, value: true}) }

// Protect runs body and then what was deferred, last first, also when body panics or ends its goroutine. A panic goes
// on afterwards unless it was recovered.
func (r *Registry) Protect(d *Defers, body func()) {
	done := false
	defer func() {
		if !done {
			if v := recover(); v != nil {
				d.panics = asPanicking(v)
			}
		}
		d.run()
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
			next := asPanicking(v)
			next.last().Earlier = d.panics
			d.panics = next
		} else {
			d.panics = nil // runtime.Goexit ends the panic too
		}
		d.run()
	}()
	for len(d.calls) > 0 {
		last := len(d.calls) - 1
		c := d.calls[last]
		d.calls = d.calls[:last]
		if c.value {
			d.callValue(c.f)
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
	if d.r.Recovered != nil {
		d.r.Recovered()
	}
	return d.r.Normalize(d.panics.Value)
}

func asPanicking(v any) *Panicking {
	if p, ok := v.(*Panicking); ok {
		return p
	}
	return &Panicking{Value: v}
}

func (p *Panicking) last() *Panicking {
	for p.Earlier != nil {
		p = p.Earlier
	}
	return p
}

// Go starts a goroutine. A panic in it goes to the hook and ends nothing else.
func (r *Registry) Go(f func()) {
	go func() {
		defer func() {
			if v := recover(); v != nil && r.Panicked != nil {
				r.Panicked(v)
			}
		}()
		f()
	}()
}
