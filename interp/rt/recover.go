package rt

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// valueCalls are the deferred function values that are running now, the innermost of each goroutine.
var (
	valueCalls  sync.Map // goroutine to *valueCall
	valuesCount atomic.Int64
)

// valueCall is a running deferred function value.
type valueCall struct {
	d      *Defers
	nested int // interpreted functions around the value
	outer  *valueCall
}

// callValue calls a deferred function value: for its time Registry.Recover finds d.
func (d *Defers) callValue(c deferred) {
	g := goroutine()
	v := &valueCall{d: d, nested: c.nested}
	if o, ok := valueCalls.Load(g); ok {
		v.outer = o.(*valueCall)
	}
	valueCalls.Store(g, v)
	valuesCount.Add(1)
	defer func() {
		valuesCount.Add(-1)
		if v.outer == nil {
			valueCalls.Delete(g)
		} else {
			valueCalls.Store(g, v.outer)
		}
	}()
	c.f()
}

// Recover is the builtin in functions that are not known to be deferred: it gives the panic if the function that calls
// it is just being run as a deferred function value, and nil in all others.
func (r *Registry) Recover() any {
	if valuesCount.Load() == 0 {
		return nil
	}
	c, ok := valueCalls.Load(goroutine())
	if !ok {
		return nil
	}
	v := c.(*valueCall)
	if v.d.panics == nil || interpretedFrames() != v.nested+1 {
		return nil
	}
	return v.d.Recover()
}

const (
	frameName   = "github.com/traefik/yaegi/interp.runCfg"
	valueName   = ".(*Defers).callValue"
	runName     = ".(*Defers).run"
	protectName = ".(*Registry).Protect"
)

// interpretedFrames counts the interpreted functions between the caller and the deferred function value; it is
// negative if there is another deferred call in between. The body of a function that defers is a function of its own.
func interpretedFrames() int {
	const depth = 64
	var pcs [depth]uintptr
	n := 0
	for _, pc := range pcs[:runtime.Callers(3, pcs[:])] {
		switch name := runtime.FuncForPC(pc - 1).Name(); {
		case name == frameName:
			n++
		case strings.HasSuffix(name, protectName):
			n--
		case strings.HasSuffix(name, runName):
			return -1
		case strings.HasSuffix(name, valueName):
			return n
		}
	}
	return -1
}
