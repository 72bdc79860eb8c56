package rt

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"

	"github.com/traefik/yaegi/interp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cells is an interpreter with a registry, for lowered code.
type cells struct {
	*interp.Interpreter
	r        *Registry
	out, err bytes.Buffer
	printed  *[]any
}

func newCells(t testing.TB) *cells {
	t.Helper()
	c := &cells{r: New(), printed: new([]any)}
	c.r.Stdout, c.r.Stderr = &c.out, &c.err
	c.Interpreter = interp.New(interp.Options{Stdout: &c.out, Stderr: &c.err})
	for _, symbols := range []interp.Exports{c.r.Exports(), {
		"fmt/fmt": {"Println": reflect.ValueOf(func(a ...any) { fmt.Fprintln(&c.out, a...) }), "Sprint": reflect.ValueOf(fmt.Sprint)},
	}} {
		if err := c.Use(symbols); err != nil {
			t.Fatal(err)
		}
	}
	c.eval(t, `import rv "rivulet/rt"`)
	return c
}

func (c *cells) eval(t testing.TB, src string) reflect.Value {
	t.Helper()
	v, err := c.Eval(src)
	if err != nil {
		if len(src) > 2000 {
			src = src[:2000]
		}
		t.Fatalf("%v\n%s", err, src)
	}
	return v
}

// checked type-checks the declarations that a test has lowered by hand.
func checked(t testing.TB, src string) *types.Package {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "a.go", "package main\n"+src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	conf := types.Config{Importer: importer.Default()}
	pkg, err := conf.Check("main", fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

// useGolden gives the packages that the golden files use.
func (c *cells) useGolden(t testing.TB) {
	t.Helper()
	v := reflect.ValueOf
	err := c.Use(interp.Exports{
		"fmt/fmt": {
			"Sprint": v(fmt.Sprint), "Sprintf": v(fmt.Sprintf), "Fprintf": v(fmt.Fprintf), "State": v((*fmt.State)(nil)),
			"Stringer": v((*fmt.Stringer)(nil)), "Errorf": v(fmt.Errorf), "Sscanf": v(fmt.Sscanf), "Fscanf": v(fmt.Fscanf), "ScanState": v((*fmt.ScanState)(nil)),
		},
		"io/io":                      {"Writer": v((*io.Writer)(nil)), "Reader": v((*io.Reader)(nil)), "EOF": v(&io.EOF).Elem()},
		"net/http/http":              {"ResponseWriter": v((*http.ResponseWriter)(nil)), "Header": v((*http.Header)(nil))},
		"net/http/httptest/httptest": {"NewRecorder": v(httptest.NewRecorder)},
		"errors/errors":              {"New": v(errors.New), "Is": v(errors.Is)},
		"time/time": {
			"Duration": v((*time.Duration)(nil)), "Month": v((*time.Month)(nil)), "Second": v(time.Second), "Minute": v(time.Minute),
			"March": v(time.March), "Time": v((*time.Time)(nil)),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// use gives the interpreter a package.
func (c *cells) use(t testing.TB, path string, names map[string]any) {
	t.Helper()
	m := map[string]reflect.Value{}
	for n, x := range names {
		m[n] = reflect.ValueOf(x)
	}
	if err := c.Use(interp.Exports{path: m}); err != nil {
		t.Fatal(err)
	}
}
