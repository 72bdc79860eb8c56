package rt

import (
	"errors"
	"fmt"
	"time"
)

type gPoint struct{ X, Y int }

type gName string

type gCelsius float64

func (c gCelsius) String() string { return fmt.Sprint(float64(c)) + "°C" }

type gSecret struct {
	Key  string
	name string
	temp gCelsius
	Temp gCelsius
	P    *gPoint
	any  any
	Any  any
	Err  error
	F    func()
	m    map[gName]gCelsius
}

type gError struct{ Code int }

func (e gError) Error() string { return "code " + fmt.Sprint(e.Code) }

type gPtrError struct{ Text string }

func (e *gPtrError) Error() string { return "ptr " + e.Text }

type gGo struct{ A int }

func (g gGo) GoString() string { return "gGo!" }

type gFmt struct{ A int }

func (g gFmt) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, "<%c %v %v %v>", verb, f.Flag('#'), f.Flag('+'), g.A)
}

type gBad struct{ A int }

func (g gBad) String() string { panic("no") }

type gBadError struct{ A int }

func (g gBadError) Error() string { panic(gError{g.A}) }

type gBadPtr struct{ A int }

func (g *gBadPtr) String() string { return fmt.Sprint(g.A) }

type gEmpty struct{}

type gEmptyStringer struct{}

func (gEmptyStringer) String() string { return "empty" }

type gList []gPoint

type gTemps []gCelsius

type gBytes []byte

type gMap map[string]gTemps

type gFunc func(int) string

type gBool bool

type gUint8 uint8

type gBase struct{ ID int }

func (b gBase) String() string { return "base " + fmt.Sprint(b.ID) }

type gbase struct{ ID, id int }

type gOuter struct {
	gBase
	Name string
}

type gOuter2 struct {
	gbase
	Name string
}

type gOuter3 struct {
	*gPoint
	_ int
	Z gOuter2
}

type gNode struct {
	Value int
	Next  *gNode
}

type gTime struct {
	D  time.Duration
	d  time.Duration
	At time.Month
}

type gPair[K comparable, V any] struct {
	Key K
	Val V
}

type gKey struct {
	A string
	B int
}

type gCoder interface {
	error
	Number() int
}

func gValues() []any {
	return []any{
		nil, 1, "a",
		gPoint{1, 2},
		&gPoint{1, 2}, (*gPoint)(nil), gName("n"), gCelsius(3),
		[]gCelsius{1, 2},
		[2]gCelsius{1, 2},
		map[gName]gCelsius{"b": 2, "a": 1},
		map[string]gPoint{"k": {1, 2}},
		[]gPoint{{1, 2}, {3, 4}},
		gSecret{Key: "k", name: "n", temp: 1, Temp: 2, any: gPoint{1, 2}, Any: gCelsius(5), Err: gError{3}, m: map[gName]gCelsius{"z": 26}},
		gSecret{},
		gError{4},
		&gError{5}, (*gError)(nil), &gPtrError{"x"},
		gPtrError{"y"},
		(*gPtrError)(nil),
		[]error{gError{1}, &gPtrError{"p"}, nil},
		gGo{1},
		&gGo{1},
		[]gGo{{1}},
		gFmt{7},
		[]gFmt{{8}},
		&gFmt{9},
		gBad{1},
		&gBad{2}, (*gBad)(nil),
		[]gBad{{3}},
		gBadError{4},
		gBadPtr{1},
		&gBadPtr{2}, (*gBadPtr)(nil),
		[]gBadPtr{{3}},
		gEmpty{},
		gEmptyStringer{},
		[]gEmptyStringer{{}, {}},
		gList{{1, 2}},
		gList(nil),
		gTemps{1, 2},
		gBytes("hi"),
		[]gBytes{gBytes("a")},
		gMap{"a": {1}, "b": nil},
		gMap(nil),
		gFunc(nil), gBool(true), gUint8(200),
		[]gUint8{1, 2},
		[3]gUint8{1, 2, 3},
		gBase{1},
		gOuter{gBase{2}, "o"},
		gOuter2{gbase{3, 4}, "p"},
		gOuter3{nil, 0, gOuter2{}},
		&gOuter{gBase{5}, "q"},
		gNode{1, nil},
		&gNode{2, nil},
		gTime{time.Second, time.Minute, time.March},
		time.Second,
		[]time.Duration{time.Second},
		gKey{"a", 1},
		map[gKey]int{{"b", 1}: 2, {"a", 9}: 1, {"a", 2}: 3},
		[]any{gPoint{1, 2}, gCelsius(1), nil, 3, "s", gError{1}},
		map[string]any{"x": gCelsius(4), "p": gPoint{1, 1}, "n": nil},
		[]any{1, "a"},
		errors.New("e"),
		struct{ A, b int }{1, 2},
		[]struct{ C gCelsius }{{1}},
		map[any]any{"a": gCelsius(1)},
		[]*gPoint{nil},
		[]fmt.Stringer{gCelsius(1), gBase{2}, nil},
		[0]gPoint{},
		chan gPoint(nil),
		[]gName{"a", "b c"},
		gName(""), []byte("hi"),
		[][]byte{[]byte("hi")},
		gPair[string, gCelsius]{"k", 1},
		[]gPair[int, gPair[string, any]]{{}},
		uint8(3), 2.5, true, 'x', complex(1, 2),
		[]any{[]any{gCelsius(1)}},
		any(gCelsius(2)),
		[]gCoder{nil},
	}
}
