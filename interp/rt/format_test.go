package rt

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// native is what compiled Go prints, with the package name of cells.
func native(s string) string {
	return plainAddresses(strings.ReplaceAll(strings.ReplaceAll(s, "github.com/rivulet-go/rivulet/interp/rt.g", "main.g"), "rt.g", "main.g"))
}

var address = regexp.MustCompile(`0[xX][0-9a-fA-F]{9,}|[0-9a-fA-F]{10,}|1[01]{30,}|\[Uc][+]?[0-9A-F]{9,}`)

func plainAddresses(s string) string { return address.ReplaceAllString(s, "ADDRESS") }

var formats = []string{
	"%v", "%+v", "%#v", "%d", "%s", "%q", "%x", "%X", "%5d", "%-8v|", "%08.3f", "%+d", "% x", "%t", "%e", "%10s|", "%#x", "%.2v", "%U", "%c",
}

func goldenCells(t testing.TB, file string, fn string) (*cells, []any) {
	c := newCells(t)
	c.useGolden(t)
	c.lowerFile(t, file)
	return c, c.eval(t, fn+"()").Interface().([]any)
}

func TestFormatAsCompiled(t *testing.T) {
	c, got := goldenCells(t, "golden_format_test.go", "gValues")
	want := gValues()
	if len(got) != len(want) {
		t.Fatal(len(got), len(want))
	}
	bad := 0
	for i, w := range want {
		for _, f := range formats {
			a, b := plainAddresses(fmt.Sprintf(f, c.r.Out(got[i]))), native(fmt.Sprintf(f, w))
			if a != b && bad < 60 {
				bad++
				t.Errorf("%T %s: got\n%s\nwant\n%s", w, f, a, b)
			}
		}
		if a, b := c.r.TypeString(got[i]), native(fmt.Sprint(reflect.TypeOf(w))); a != b {
			t.Errorf("type: got %s want %s", a, b)
		}
		if !reflect.DeepEqual(c.r.In(c.r.Out(got[i])), got[i]) && i != 13 {
			t.Errorf("%T does not come back: %d %T %T %T", w, i, got[i], c.r.Out(got[i]), c.r.In(c.r.Out(got[i])))
		}
	}
	if strings.Contains(c.out.String(), "rt.") {
		t.Error(c.out.String())
	}
}
