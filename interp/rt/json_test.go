package rt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestJSONAsCompiled(t *testing.T) {
	c, vs := goldenCells(t, "golden_json_test.go", "jValues")
	text := func(x, err any) string {
		return strings.ReplaceAll(fmt.Sprintf("%s %v", x, err), "rt.j", "main.j")
	}
	for i, w := range jValues() {
		want, wantErr := json.Marshal(w)
		got, err := json.Marshal(c.r.JSON(vs[i]))
		if a, b := text(got, inError(c.r, err)), text(want, wantErr); a != b {
			t.Errorf("%d %T: got\n%s\nwant\n%s", i, w, a, b)
		}
		got, err = json.MarshalIndent([]any{c.r.Out(vs[i])}, "", " ")
		want, wantErr = json.MarshalIndent([]any{w}, "", " ")
		if a, b := text(got, inError(c.r, err)), text(want, wantErr); err == nil && a != b {
			t.Errorf("%d %T: indented\n%s\nwant\n%s", i, w, a, b)
		}
		var a, b bytes.Buffer
		for _, e := range []struct {
			x any
			b *bytes.Buffer
		}{{c.r.JSON(vs[i]), &a}, {w, &b}} {
			enc := json.NewEncoder(e.b)
			enc.SetEscapeHTML(false)
			_ = enc.Encode(e.x)
		}
		if a.String() != b.String() {
			t.Errorf("%d %T: encoder got\n%s\nwant\n%s", i, w, &a, &b)
		}
	}
}

func inError(r *Registry, err error) any {
	if err == nil {
		return nil
	}
	return r.In(err)
}

// jsonTexts are decoded into every target.
var jsonTexts = []string{
	`{"a":1,"b":"x","B":"y","F":"aGk=","G":4,"h":"5","I":"\"q\"","J":[1,{"x":null}],"k":{"a":1},"T":"2.5°"}`,
	`{"id":3,"NAME":"n","name":"m","Hidden":4,"also":5,"Extra":"e","Other":{"V":6},"A":7,"B":8}`,
	`{"Value":1,"children":[{"Value":2,"children":[{"Value":3}]},null,{"Value":4}],"ByName":{"k":{"Value":5}}}`,
	`"3.5°"`, `["1°","2°"]`, `7`, `"bad"`, `[1,null,"x"]`, `"2024-5"`, `{"2024-5":1,"2023-1":2}`, `null`, `true`, `[]`, `{}`, `"aGk="`, `"!!"`,
	`{"ByDate":{"1-2":3},"ByInt":{"1":"a","300":"b"},"Zero":"9-9","Set":null,"ByColor":{"1":2}}`,
	`{"shapes":[{"Side":1}],"Ptrs":[1,22,333],"P":4444,"PP":[1]}`, `{"shapes":null,"PP":null}`, `{"P":"bad"}`,
	`{"E":{"x":1},"S":"s","A":{"Side":2}}`, `{"E":null,"A":3}`, `[1,2,3,4]`, `[1]`, `{"1":{"ID":2,"Name":"x"},"x":{}}`,
	`{"a":"wrong","k":{"a":"wrong"},"h":5}`, `{"h":"x","I":"noquotes"}`, `{"h":"\"5\"","I":"5","G":"q"}`, `{"T":5}`, `{"F":"*"}`,
	`{"Value":"s"}`, `{"children":[{"children":[{"Value":"deep"}]}]}`, `{"Other":{"V":"s"}}`, `1e400`, `300`, `-1`, `1.5`, `"text"`,
	`{"X":5}`, `{"A":{"b":1}}`, `{ "a" : 1 , "b" : "sp" }`, `{"a":1,"a":2}`, `{"\u0061":3}`, `{"E":true}`, `{"-":true}`,
}

func TestJSONDecodeAsCompiled(t *testing.T) {
	c, _ := goldenCells(t, "golden_json_test.go", "jValues")
	bad := 0
	for _, text := range jsonTexts {
		vs, ws := c.eval(t, "jTargets()").Interface().([]any), jTargets()
		for i, w := range ws {
			err, wantErr := json.Unmarshal([]byte(text), c.r.JSONTarget(vs[i])), json.Unmarshal([]byte(text), w)
			a, b := fmt.Sprint(inError(c.r, err)), strings.ReplaceAll(fmt.Sprint(wantErr), "rt.j", "main.j")
			got, want := deepText(c.r.Out(vs[i])), strings.ReplaceAll(deepText(w), "rt.j", "main.j")
			if (a != b || got != want) && bad < 40 {
				bad++
				t.Errorf("%s into %T:\ngot  %s\n     %s\nwant %s\n     %s", text, w, got, a, want, b)
			}
			if err != nil {
				var e, f *json.UnmarshalTypeError
				if errors.As(err, &e) != errors.As(wantErr, &f) || e != nil && (e.Field != f.Field || e.Struct != f.Struct || e.Value != f.Value) {
					t.Errorf("%s into %T: %+v, want %+v", text, w, e, f)
				}
			}
		}
	}
}

// deepText shows what pointers point to.
func deepText(x any) string {
	b, err := json.Marshal(x)
	return fmt.Sprintf("%s %v %s", b, err, address.ReplaceAllString(fmt.Sprintf("%+v", x), "P"))
}

func TestJSONDecoder(t *testing.T) {
	c, _ := goldenCells(t, "golden_json_test.go", "jValues")
	p := c.eval(t, "jTargets()").Interface().([]any)[0]
	d := json.NewDecoder(strings.NewReader(`{"a":1} {"a":2} x`))
	for range 2 {
		if err := d.Decode(c.r.JSONTarget(p)); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprintf("%+v", c.r.Out(p)); !strings.HasPrefix(got, "&{A:2 ") {
		t.Errorf("got %s", got)
	}
	if err := d.Decode(c.r.JSONTarget(p)); err == nil {
		t.Error("no error")
	}
}

func TestJSONDecodeOptions(t *testing.T) {
	c, _ := goldenCells(t, "golden_json_test.go", "jValues")
	for _, text := range []string{`{"a":1,"J":1.50,"none":2}`, `{"Value":1,"children":[{"x":1}]}`, `[{"J":2}]`} {
		vs := c.eval(t, "jTargets()").Interface().([]any)
		for i, w := range jTargets() {
			decoder := func() *json.Decoder {
				d := json.NewDecoder(strings.NewReader(text))
				d.DisallowUnknownFields()
				d.UseNumber()
				return d
			}
			got, want := fmt.Sprint(c.r.JSONDecode(decoder(), vs[i])), strings.ReplaceAll(fmt.Sprint(decoder().Decode(w)), "rt.j", "main.j")
			if a, b := deepText(c.r.Out(vs[i])), strings.ReplaceAll(deepText(w), "rt.j", "main.j"); got != want || a != b {
				t.Errorf("%s into %T: got\n%s\n%s\nwant\n%s\n%s", text, w, got, a, want, b)
			}
		}
	}
}
