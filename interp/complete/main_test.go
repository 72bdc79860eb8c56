package complete

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/interp/check"
	"github.com/rivulet-go/rivulet/interp/packages"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// session is a Completer with the cells that it knows.
type session struct {
	*Completer
	check *check.Session
	cells []string
	// values are those of variables, by name.
	values   map[string]any
	changing string
}

func newTestSession(tb testing.TB, cells ...string) *session {
	tb.Helper()
	fset := token.NewFileSet()
	im := packages.NewImporter(fset)
	s := &session{values: map[string]any{}}
	s.check = check.NewSession(check.Options{
		Importer: im, Source: packages.Source, Overlay: packages.Overlay, ByName: packages.ByName, Fset: fset,
		Implicit: []string{framePath}, Predeclared: map[string][]string{framePath: {"Read", "Col", "Lit", "Sum", "Mean", "Count", "Desc"}},
	})
	im.Source = s.check.FromSource
	s.Completer = New(Options{
		Checker: s.check, Library: Standard{}, Values: s, Wait: time.Minute,
		Label:  func(n int) string { return fmt.Sprintf("In[%d]", n) },
		Source: func(n int) string { return s.cells[n-1] },
	})
	for _, c := range cells {
		s.run(tb, c)
	}
	return s
}

func (s *session) run(tb testing.TB, src string) {
	tb.Helper()
	s.cells = append(s.cells, src)
	c, err := s.check.Check(src, len(s.cells))
	if err != nil {
		tb.Fatal(err)
	}
	s.check.Commit(c)
}

func (s *session) Value(v *types.Var) (reflect.Value, bool) {
	x, ok := s.values[v.Name()]
	return reflect.ValueOf(x), ok
}

func (s *session) Changing() string { return s.changing }

func (s *session) Frame(v *types.Var) *frame.Frame {
	f, _ := s.values[v.Name()].(*frame.Frame)
	return f
}

func (s *session) Text(v reflect.Value, _ types.Type) string { return fmt.Sprintf("%+v", v) }

// cut takes the cursor, a bar, out of a text.
func cut(text string) (string, int) {
	at := strings.IndexByte(text, '|')
	return text[:at] + text[at+1:], at
}
