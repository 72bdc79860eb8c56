package iter

import "github.com/rivulet-go/rivulet/interp/packages/support"

// Seq is a sequence of values: it calls yield with each until that returns false.
type Seq[V any] func(yield func(V) bool)

// Seq2 is a sequence of pairs.
type Seq2[K, V any] func(yield func(K, V) bool)

// Pull makes two functions of a sequence: next gives its next value and whether there is one, stop ends it. They may not be
// called at the same time. A panic in the sequence comes out of the call that it happened in.
func Pull[V any](seq Seq[V]) (next func() (V, bool), stop func()) {
	var value V
	step, stop := support.Pull(func(yield func() bool) {
		seq(func(v V) bool {
			value = v
			return yield()
		})
	})
	next = func() (V, bool) {
		var none V
		if !step() {
			return none, false
		}
		v := value
		value = none
		return v, true
	}
	return next, stop
}

// Pull2 is Pull for pairs.
func Pull2[K, V any](seq Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	var key K
	var value V
	step, stop := support.Pull(func(yield func() bool) {
		seq(func(k K, v V) bool {
			key, value = k, v
			return yield()
		})
	})
	next = func() (K, V, bool) {
		var noKey K
		var none V
		if !step() {
			return noKey, none, false
		}
		k, v := key, value
		key, value = noKey, none
		return k, v, true
	}
	return next, stop
}
