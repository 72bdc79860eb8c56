package iter

import "runtime"

// Seq is a sequence of values: it calls yield with each until that returns false.
type Seq[V any] func(yield func(V) bool)

// Seq2 is a sequence of pairs.
type Seq2[K, V any] func(yield func(K, V) bool)

// puller hands values from the goroutine that runs a sequence to the one that calls next. Only one of the two runs at a time.
type puller[K, V any] struct {
	resume  chan struct{}
	yielded chan struct{}

	k       K
	v       V
	ok      bool
	started bool
	waiting bool // next waits for yield
	done    bool

	returned bool // the sequence did so, neither panicked nor left by Goexit
	failed   bool
	failure  any
}

func (p *puller[K, V]) yield(k K, v V) bool {
	if p.done {
		return false
	}
	if !p.waiting {
		panic("iter.Pull: yield called again before next")
	}
	p.waiting = false
	p.k, p.v, p.ok = k, v, true
	p.yielded <- struct{}{}
	<-p.resume
	return !p.done
}

func (p *puller[K, V]) run(seq func(yield func(K, V) bool)) {
	defer func() {
		if !p.returned {
			p.failed = true
			p.failure = recover()
		}
		p.done = true
		p.yielded <- struct{}{}
	}()
	seq(p.yield)
	p.returned = true
}

// turn lets the sequence run until it yields or ends. What ended it otherwise ends the caller in the same way.
func (p *puller[K, V]) turn() {
	p.resume <- struct{}{}
	<-p.yielded
	if !p.failed {
		return
	}
	p.failed = false
	if p.failure != nil {
		panic(p.failure)
	}
	runtime.Goexit()
}

func (p *puller[K, V]) next(seq func(yield func(K, V) bool)) (K, V, bool) {
	var k K
	var v V
	if p.done {
		return k, v, false
	}
	if p.waiting {
		panic("iter.Pull: next called again before yield")
	}
	p.waiting = true
	if p.started {
		p.turn()
	} else {
		p.start(seq)
	}
	k, p.k = p.k, k
	v, p.v = p.v, v
	ok := p.ok
	p.ok = false
	return k, v, ok
}

func (p *puller[K, V]) start(seq func(yield func(K, V) bool)) {
	p.started = true
	p.resume = make(chan struct{})
	p.yielded = make(chan struct{})
	go func() {
		<-p.resume
		p.run(seq)
	}()
	p.turn()
}

func (p *puller[K, V]) stop() {
	if p.done {
		return
	}
	p.done = true
	if p.started {
		p.turn()
	}
}

// Pull makes two functions of a sequence: next gives its next value and whether there is one, stop ends it. They may not be
// called at the same time.
func Pull[V any](seq Seq[V]) (next func() (V, bool), stop func()) {
	p := &puller[struct{}, V]{}
	pairs := func(yield func(struct{}, V) bool) {
		seq(func(v V) bool { return yield(struct{}{}, v) })
	}
	next = func() (V, bool) {
		_, v, ok := p.next(pairs)
		return v, ok
	}
	return next, p.stop
}

// Pull2 is Pull for pairs.
func Pull2[K, V any](seq Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	p := &puller[K, V]{}
	next = func() (K, V, bool) { return p.next(seq) }
	return next, p.stop
}
