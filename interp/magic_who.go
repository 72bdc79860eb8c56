package interp

import (
	"fmt"
	"go/types"
	"strings"
	"text/tabwriter"

	"github.com/rivulet-go/rivulet/interp/cell"
)

// who is %who.
func (l *language) who(r *run, line cell.Magic) error {
	switch line.Args {
	case "", "func", "type", "var", "const":
	default:
		return fmt.Errorf("%%who: %q is not func, type, var or const", line.Args)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, name := range l.check.Names() {
		d := l.check.Declaration(name)
		if d == nil || d.Obj == nil || name == "_" {
			continue
		}
		kind := kindOf(d.Obj)
		if kind == "" || line.Args != "" && line.Args != kind {
			continue
		}
		of := d.Obj.Type()
		if kind == "type" {
			of = of.Underlying()
		}
		text := types.TypeString(of, func(p *types.Package) string {
			if p == l.check.Pkg() {
				return ""
			}
			return p.Name()
		})
		fmt.Fprintf(w, "%s\t%s\t%s\tIn[%d]\n", kind, name, shortened(text), l.counts[uint64(d.Cell)])
	}
	_ = w.Flush()
	if b.Len() == 0 {
		b.WriteString("nothing is declared\n")
	}
	r.print("stdout", []byte(b.String()))
	return nil
}

// kindOf is the keyword of a declaration; "" for what cells don't declare by name.
func kindOf(obj types.Object) string {
	switch obj.(type) {
	case *types.Func:
		return "func"
	case *types.TypeName:
		return "type"
	case *types.Var:
		return "var"
	case *types.Const:
		return "const"
	}
	return ""
}

// shortened is a text of at most 60 characters.
func shortened(text string) string {
	const most = 60
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
