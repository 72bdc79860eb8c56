package check

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	markPattern = regexp.MustCompile("[\ue000\ue001\ue003][0-9]*")
	filePattern = regexp.MustCompile(`/cell/(\d+)/_\.go`)
)

// clean takes our marks out of a message.
func clean(msg string) string {
	return markPattern.ReplaceAllString(msg, "")
}

// cellOf is the number of the cell of a position, 0 where it is in none.
func cellOf(p token.Position) int {
	m := filePattern.FindStringSubmatch(p.Filename)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// translate puts the names of cells for the names of their files.
func (s *Session) translate(msg string) string {
	return filePattern.ReplaceAllStringFunc(msg, func(f string) string {
		n, _ := strconv.Atoi(filePattern.FindStringSubmatch(f)[1])
		return s.label(n)
	})
}

// place is a position as messages name it: In[2]:3:5.
func (s *Session) place(p token.Position) string {
	if n := cellOf(p); n > 0 {
		return fmt.Sprintf("%s:%d:%d", s.label(n), p.Line, p.Column)
	}
	return p.String()
}

// position is the place of a pos, zero where it lies in no cell.
func (s *Session) position(pos token.Pos) token.Position {
	if !pos.IsValid() {
		return token.Position{}
	}
	p := s.fset.Position(pos)
	p.Offset = 0 // it counts in the piece
	if cellOf(p) == 0 {
		return token.Position{}
	}
	return p
}

func (s *Session) diagnostic(pos, end token.Pos, msg string) Diagnostic {
	d := Diagnostic{Pos: s.position(pos), Msg: msg}
	if end > pos {
		d.End = s.position(end)
	}
	return d
}

// finish sorts diagnostics, drops doubles, and gives them the names of cells.
func (s *Session) finish(list []Diagnostic) []Diagnostic {
	slices.SortStableFunc(list, func(x, y Diagnostic) int {
		return cmp.Or(cmp.Compare(cellOf(x.Pos), cellOf(y.Pos)), cmp.Compare(x.Pos.Line, y.Pos.Line), cmp.Compare(x.Pos.Column, y.Pos.Column))
	})
	for i := range list {
		list[i].Msg = s.translate(clean(list[i].Msg))
		for j := range list[i].Notes {
			list[i].Notes[j].Msg = s.translate(clean(list[i].Notes[j].Msg))
		}
	}
	return slices.CompactFunc(list, func(x, y Diagnostic) bool { return x.Pos == y.Pos && x.Msg == y.Msg })
}

// diagnose makes diagnostics of what is left of an attempt's errors.
func (a *attempt) diagnose() []Diagnostic {
	diags := slices.Concat(a.t.diags, a.clash)
	if a.failure != nil {
		return append(diags, Diagnostic{Pos: a.t.src.position(0), Msg: a.failure.Error()})
	}
	covered := map[token.Position]bool{}
	for _, d := range diags {
		covered[d.Pos] = true
	}
	for _, e := range a.errs {
		if a.follows(e) {
			continue
		}
		d := a.explain(e)
		if covered[d.Pos] {
			continue
		}
		diags = append(diags, d)
	}
	return diags
}

// follows says whether an error is only the consequence of another.
func (a *attempt) follows(e typeError) bool {
	if strings.Contains(e.msg, "invalid type") && !strings.HasPrefix(e.msg, "invalid type") {
		return true
	}
	if e.code == codeNoMember {
		if sel, ok := a.nodeAt(e.pos).(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok {
				p, ok := a.info.Uses[id].(*types.PkgName)
				return ok && a.t.fakes[p.Imported()]
			}
		}
	}
	return e.code == codeWrongResultCount && a.t.returns[e.pos]
}

// explain makes a diagnostic of an error.
func (a *attempt) explain(e typeError) Diagnostic {
	a.aim(&e)
	end := max(e.pos, e.end)
	d := a.t.s.diagnostic(e.pos, end, a.wording(e))
	if end == e.pos {
		d.End = a.tokenEnd(d.Pos)
	}
	for _, m := range e.more {
		d.Notes = append(d.Notes, Note{a.t.s.position(m.pos), m.msg})
	}
	d.Notes = append(d.Notes, a.hints(e)...)
	return d
}

// wording puts go/types' message into the words of statements, where a statement was hoisted.
func (a *attempt) wording(e typeError) string {
	msg := clean(e.msg)
	msg = strings.ReplaceAll(msg, "(package-level variable)", "(variable)")
	msg = strings.ReplaceAll(msg, "argument to "+assignName, "assignment")
	if it := a.t.itemAt(e); it != nil && it.spec != nil {
		if !it.isVar {
			msg = strings.Replace(msg, "in variable declaration", "in assignment", 1)
		}
		if call, n := a.tuple(it, e); call != nil {
			msg = fmt.Sprintf("assignment mismatch: 1 variable but %s returns %s", types.ExprString(call.Fun), count(n, "value"))
		}
	}
	if e.code == codeDuplicate && a.scope.Lookup(strings.TrimSuffix(msg, " redeclared in this block")) != nil {
		msg = strings.Replace(msg, "redeclared in this block", "redeclared in this cell", 1)
	}
	return a.suggest(e, msg)
}

// tuple is the call with several results that an item gives to one variable, nil where the error is another.
func (a *attempt) tuple(it *item, e typeError) (*ast.CallExpr, int) {
	if len(it.spec.Names) != 1 || len(it.spec.Values) != 1 || !strings.HasPrefix(e.msg, "multiple-value ") {
		return nil, 0
	}
	call, ok := it.spec.Values[0].(*ast.CallExpr)
	if !ok || call.Pos() != e.start {
		return nil, 0
	}
	if t := a.info.TypeOf(call.Fun); t != nil {
		if sig, ok := t.Underlying().(*types.Signature); ok {
			return call, sig.Results().Len()
		}
	}
	return nil, 0
}

// aim moves an error about the type arguments of a call to where Go's compiler puts it.
func (a *attempt) aim(e *typeError) {
	infer := strings.Contains(e.msg, ", cannot infer ")
	if !infer && !strings.Contains(e.msg, " does not satisfy ") || e.start < e.end && e.start != e.pos {
		return
	}
	call, ok := a.nodeAt(e.pos).(*ast.CallExpr)
	if !ok {
		return
	}
	switch {
	case infer:
		e.pos, e.end = call.Lparen, call.End()
	case len(call.Args) > 0:
		e.pos, e.end = call.Args[0].Pos(), call.Args[0].End()
	}
}

// tokenEnd is the end of the token at a place of the cell.
func (a *attempt) tokenEnd(p token.Position) token.Position {
	src := a.t.src
	if cellOf(p) != src.number || p.Line < 1 || p.Line > len(src.lines) {
		return token.Position{}
	}
	off := src.lines[p.Line-1] + p.Column - 1
	end := p
	end.Column += tokenLength(src.text, off)
	return end
}

// visit calls f for the named types in a type, not looking into them.
func visit(t types.Type, seen map[types.Type]bool, f func(*types.Named)) {
	if seen[t] {
		return
	}
	seen[t] = true
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		f(t)
		for a := range t.TypeArgs().Types() {
			visit(a, seen, f)
		}
	case *types.Pointer:
		visit(t.Elem(), seen, f)
	case *types.Slice:
		visit(t.Elem(), seen, f)
	case *types.Array:
		visit(t.Elem(), seen, f)
	case *types.Chan:
		visit(t.Elem(), seen, f)
	case *types.Map:
		visit(t.Key(), seen, f)
		visit(t.Elem(), seen, f)
	case *types.Signature:
		for v := range t.Params().Variables() {
			visit(v.Type(), seen, f)
		}
		for v := range t.Results().Variables() {
			visit(v.Type(), seen, f)
		}
	case *types.Struct:
		for v := range t.Fields() {
			visit(v.Type(), seen, f)
		}
	}
}
