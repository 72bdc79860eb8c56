package interp

import "reflect"

// selects is the select statement of cells. kinds has a letter for each case: r receives from the channel that is the next
// argument, s sends the argument after the channel, d is the default. It gives the number of the case, what came, and whether
// the channel was open. An interrupt ends the goroutine.
func (l *language) selects(kinds string, args ...any) (chosen int, got any, open bool) {
	r := l.s.owner()
	r.mayGoOn()
	cases := make([]reflect.SelectCase, 0, len(kinds)+1)
	waits := true
	for _, kind := range kinds {
		if kind == 'd' {
			waits = false
			cases = append(cases, reflect.SelectCase{Dir: reflect.SelectDefault})
			continue
		}
		c := reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(args[0])}
		args = args[1:]
		if kind == 's' {
			c.Dir, c.Send = reflect.SelectSend, sent(args[0], c.Chan.Type().Elem())
			args = args[1:]
		}
		cases = append(cases, c)
	}
	if waits {
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(r.halting().Done())})
	}
	chosen, v, open := reflect.Select(cases)
	if chosen == len(kinds) {
		r.leave()
	}
	if v.IsValid() {
		got = v.Interface()
	}
	return chosen, got, open
}

// sent is a value as a channel of elements of type t takes it.
func sent(x any, t reflect.Type) reflect.Value {
	if x == nil {
		return reflect.Zero(t)
	}
	v := reflect.ValueOf(x)
	if !v.Type().AssignableTo(t) {
		v = v.Convert(t)
	}
	return v
}
