package rt

import (
	"errors"
	"fmt"
	"time"
)

type jPlain struct {
	A    int     `json:"a"`
	B    string  `json:"b,omitempty"`
	c    int     //nolint:unused // that it is left out is tested
	D    float64 `json:"-"`
	E    bool    `json:"-,"` //nolint:staticcheck // what it means is tested
	F    []byte
	G    *int   `json:",omitempty"`
	H    int    `json:"h,string"`
	I    string `json:",string"`
	J    any
	K    map[string]int `json:"k,omitzero"`
	T    jTemp
	when time.Time //nolint:unused // that it is left out is tested
}

type jTemp float64

func (t jTemp) MarshalText() ([]byte, error) { return []byte(fmt.Sprint(float64(t)) + "°"), nil }

func (t *jTemp) UnmarshalText(b []byte) error {
	n, err := fmt.Sscanf(string(b), "%g°", (*float64)(t))
	if n == 0 {
		return err
	}
	return nil
}

type jColor int

func (c jColor) MarshalJSON() ([]byte, error) {
	if c == 9 {
		return nil, errors.New("no such color")
	}
	if c == 8 {
		return []byte("{bad"), nil
	}
	return []byte(fmt.Sprintf(`{ "color": %d, "html": "<&>" }`, int(c))), nil
}

type jPtr struct{ X int }

func (p *jPtr) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprintf(`"ptr %d"`, p.X)), nil }

func (p *jPtr) UnmarshalJSON(b []byte) error {
	if string(b) == `"bad"` {
		return errors.New("bad ptr")
	}
	p.X = len(b)
	return nil
}

type jBase struct {
	ID   int
	Name string
}

type jbase struct{ Hidden, also int }

type jMid struct {
	jBase
	Name string `json:"name"`
}

type jOuter struct {
	jMid
	*jPlain
	jbase
	jTemp
	Extra string
}

type jTwo struct {
	jBase
	jOther
}

type jOther struct {
	ID    int
	Other jOne
}

type jOne struct{ V int }

type jNode struct {
	Value    int
	Children []*jNode         `json:"children,omitempty"`
	ByName   map[string]jNode `json:",omitempty"`
}

type jDate struct{ Y, M int }

func (d jDate) MarshalText() ([]byte, error) { return []byte(fmt.Sprintf("%d-%d", d.Y, d.M)), nil }

func (d jDate) IsZero() bool { return d.Y == 0 }

func (d *jDate) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "%d-%d", &d.Y, &d.M)
	return err
}

type jMaps struct {
	ByDate  map[jDate]int
	ByInt   map[int8]string
	ByColor map[jColor]jColor
	Zero    jDate  `json:",omitzero"`
	Set     jDate  `json:",omitzero"`
	PZero   *jDate `json:",omitzero"`
}

type jStrings []string

type jBytes []byte

type jArray [3]jColor

type jIface struct {
	E error
	S fmt.Stringer
	A any
}

type jShape interface{ Area() float64 }

type jSquare struct{ Side float64 }

func (s jSquare) Area() float64 { return s.Side * s.Side }

type jList struct {
	Shapes []jShape `json:"shapes"`
	Ptrs   []jPtr
	P      jPtr
	PP     *jPtr
}

func jValues() []any {
	three := 3
	return []any{
		jPlain{A: 1, B: "<b>", F: []byte("hi"), G: &three, H: 5, I: "q\"", J: jColor(1), T: 2.5},
		&jPlain{J: []any{jTemp(1), nil}},
		jTemp(3),
		[]jTemp{1, 2},
		map[string]jTemp{"b": 1, "a": 2},
		jColor(1),
		[]jColor{1, 2},
		jColor(9), jColor(8),
		[]any{jColor(9)},
		jPtr{1},
		&jPtr{2},
		[]jPtr{{3}},
		[]*jPtr{{4}, nil},
		map[string]jPtr{"a": {5}},
		jMid{jBase{1, "x"}, "y"},
		jOuter{jMid: jMid{jBase{1, "x"}, "y"}, jPlain: &jPlain{A: 7}, jbase: jbase{8, 9}, jTemp: 4, Extra: "e"},
		jOuter{},
		jTwo{jBase{1, "n"}, jOther{2, jOne{3}}},
		jNode{1, []*jNode{{Value: 2}, nil}, map[string]jNode{"k": {Value: 3}}},
		jDate{2024, 5},
		map[jDate]int{{2024, 5}: 1, {2023, 1}: 2},
		jMaps{Set: jDate{1, 1}, ByColor: map[jColor]jColor{2: 1, 10: 3}},
		jStrings{"a", "b"},
		jStrings(nil), jBytes("hi"),
		jArray{1, 2, 3},
		jIface{},
		jIface{A: jSquare{2}},
		jList{},
		&jList{Shapes: []jShape{jSquare{2}, nil}, Ptrs: []jPtr{{1}}, PP: &jPtr{3}},
		jList{P: jPtr{5}},
		map[jColor]bool{1: true},
		struct {
			A int `json:"x"`
			b int
		}{1, 2},
		map[any]jColor{},
		func() jColor { return 1 },
		struct{ F func() }{},
		[]any{1, "a", nil},
		map[string]any{"d": jDate{1, 2}, "e": 1.5},
		time.Second,
		[]time.Duration{1},
		any(nil), "s<", 1.0e21, float32(0.1),
	}
}

func jTargets() []any {
	var (
		plain  jPlain
		outer  jOuter
		two    jTwo
		node   jNode
		temp   jTemp
		temps  []jTemp
		color  jColor
		ptr    jPtr
		ptrs   []*jPtr
		date   jDate
		dates  map[jDate]int
		maps   jMaps
		list   jList
		iface  jIface
		names  jStrings
		bytes  jBytes
		array  jArray
		shape  jShape
		any1   any
		any2   any = &jPtr{1}
		anon   struct{ A, B int }
		nums   map[int8]jBase
		counts map[string]int
		pnode  *jNode
	)
	node.Children = []*jNode{{Value: 7}, {Value: 8}}
	return []any{
		&plain, &outer, &two, &node, &temp, &temps, &color, &ptr, &ptrs, &date, &dates, &maps, &list, &iface, &names, &bytes, &array, &shape,
		&any1, &any2, &anon, &nums, &counts, &pnode, plain,
	}
}
