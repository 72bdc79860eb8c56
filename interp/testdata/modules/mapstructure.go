// get github.com/mitchellh/mapstructure@v1.5.0

package main

import (
	"errors"
	"fmt"
	"net"
	"reflect"
	"sort"
	"time"

	"github.com/mitchellh/mapstructure"
)

type address struct {
	Street string
	City   string `mapstructure:"town"`
}

type base struct {
	ID      int
	Created time.Time
}

type person struct {
	base    `mapstructure:",squash"`
	Name    string
	Age     int
	Emails  []string
	Home    *address
	Work    address
	Extra   map[string]string
	Other   map[string]interface{} `mapstructure:",remain"`
	skipped int
}

type level struct{ n int }

func (l *level) UnmarshalText(text []byte) error {
	switch string(text) {
	case "low":
		l.n = 1
	case "high":
		l.n = 2
	default:
		return errors.New("no level " + string(text))
	}
	return nil
}

type settings struct {
	Timeout time.Duration
	Hosts   []string
	IP      net.IP
	Level   level
	Ratio   float64
	On      bool
	Ports   [2]uint16
	Any     interface{}
	Matrix  [][]int
}

func decoding() {
	var p person
	err := mapstructure.Decode(map[string]interface{}{
		"id": 7, "NAME": "Ann", "age": 31, "emails": []string{"a@x", "b@x"}, "home": map[string]interface{}{"street": "Main", "town": "Rome"},
		"work": map[string]string{"Street": "Side"}, "extra": map[string]string{"k": "v"}, "hobby": "chess", "pets": 2,
	}, &p)
	fmt.Println(err, p.ID, p.Name, p.Age, p.Emails, *p.Home, p.Work, p.Extra, p.Other)
	var list []address
	fmt.Println(mapstructure.Decode([]map[string]interface{}{{"street": "A"}, {"town": "B"}}, &list), list)
	var m map[string]address
	fmt.Println(mapstructure.Decode(map[string]interface{}{"x": map[string]interface{}{"town": "C"}}, &m), m)
	out := map[string]interface{}{}
	fmt.Println(mapstructure.Decode(address{"S", "T"}, &out), out)
	var nested map[string]interface{}
	fmt.Println(mapstructure.Decode(struct{ In address }{address{"S", "T"}}, &nested), nested)
}

func failing() {
	var p person
	err := mapstructure.Decode(map[string]interface{}{"name": 5, "age": "old", "emails": "one"}, &p)
	fmt.Println(err)
	var e *mapstructure.Error
	if errors.As(err, &e) {
		sort.Strings(e.Errors)
		fmt.Println(len(e.WrappedErrors()), e.Errors)
	}
	fmt.Println(mapstructure.Decode(map[string]interface{}{}, p))
	fmt.Println(mapstructure.Decode("text", &p))
}

func weak() {
	var s settings
	fmt.Println(mapstructure.WeakDecode(map[string]interface{}{
		"timeout": "15", "hosts": "one", "ratio": "2.5", "on": 1, "ports": []int{80, 443}, "any": []int{1}, "matrix": []interface{}{[]int{1, 2}, []string{"3"}},
	}, &s), s.Timeout, s.Hosts, s.Ratio, s.On, s.Ports, s.Any, s.Matrix)
}

func hooks() {
	var s settings
	var meta mapstructure.Metadata
	d, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		DecodeHook: mapstructure.ComposeDecodeHookFunc(
			mapstructure.StringToTimeDurationHookFunc(), mapstructure.StringToSliceHookFunc(","), mapstructure.StringToIPHookFunc(),
			mapstructure.TextUnmarshallerHookFunc(),
			func(f, t reflect.Type, data interface{}) (interface{}, error) {
				if f.Kind() == reflect.String && t.Kind() == reflect.Bool {
					return data == "yes", nil
				}
				return data, nil
			},
		),
		Metadata: &meta, Result: &s,
	})
	fmt.Println(err)
	err = d.Decode(map[string]interface{}{"timeout": "1m30s", "hosts": "a,b,c", "ip": "10.0.0.1", "on": "yes", "level": "high", "unknown": 1})
	fmt.Println(err, s.Timeout, s.Hosts, s.IP, s.On, s.Level)
	sort.Strings(meta.Keys)
	sort.Strings(meta.Unset)
	fmt.Println(meta.Keys, meta.Unused, meta.Unset)
	err = d.Decode(map[string]interface{}{"level": "none"})
	fmt.Println(err)
}

func strict() {
	var a address
	d, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{ErrorUnused: true, ZeroFields: true, TagName: "json", Result: &a, MatchName: func(key, field string) bool { return key == "x"+field }})
	fmt.Println(err)
	fmt.Println(d.Decode(map[string]interface{}{"xStreet": "S", "what": 1}), a)
	_, err = mapstructure.NewDecoder(&mapstructure.DecoderConfig{Result: a})
	fmt.Println(err)
	var meta mapstructure.Metadata
	fmt.Println(mapstructure.DecodeMetadata(map[string]interface{}{"street": "M"}, &a, &meta), meta.Keys, a)
}

func main() {
	decoding()
	failing()
	weak()
	hooks()
	strict()
}
