package udf

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// render writes the declarations, and then a variable for each function. Line comments keep the positions of the cells.
func (x *extractor) render(entries []entry) string {
	var b strings.Builder
	for _, d := range x.order {
		switch node := d.node.(type) {
		case nil:
			fmt.Fprintf(&b, "const %s\n\n", x.constant(d.object.(*types.Const)))
		case *ast.FuncDecl:
			fmt.Fprintf(&b, "%s%s\n\n", lineComment(d.decl.Cell, node.Type.Func), x.text(d, node.Type.Func, node.End()))
		case *ast.TypeSpec:
			fmt.Fprintf(&b, "%stype %s\n\n", lineComment(d.decl.Cell, node.Pos()), x.text(d, node.Pos(), node.End()))
		case *ast.FuncLit: // a variable that nothing assigns to
			fmt.Fprintf(&b, "func %s%s\n\n", x.names[d.object], x.literal(d, node))
		case ast.Expr:
			fmt.Fprintf(&b, "%svar %s %s = %s\n\n", ownLine, x.names[d.object], x.typeText(d.object.Type()), x.text(d, node.Pos(), node.End()))
		}
	}
	for i, d := range x.roots {
		if text := x.rendered(i, d); text != "" {
			b.WriteString(text + "\n")
		}
		if e := entries[i]; e.rows != "" {
			b.WriteString("\n" + ownLine + x.loop(i, e))
		}
		if e := entries[i]; e.folds != "" {
			b.WriteString("\n" + ownLine + x.foldText(i, e))
		}
	}
	return b.String()
}

// literal is a function literal without its keyword, at its place.
func (x *extractor) literal(d *unitDecl, lit *ast.FuncLit) string {
	from := lit.Type.Func + token.Pos(len("func"))
	return placeComment(d.decl.Cell, from) + x.text(d, from, lit.End())
}

// rendered is the declaration of function i; nothing where it is that of one of the declarations.
func (x *extractor) rendered(i int, d *unitDecl) string {
	f := ast.Unparen(d.node.(ast.Expr))
	if lit, ok := f.(*ast.FuncLit); ok {
		return "func " + x.entryName(i) + x.literal(d, lit)
	}
	if x.declaredAs(d, f) != "" {
		return ""
	}
	sig := x.cell.Info.TypeOf(f).Underlying().(*types.Signature)
	var params, args []string
	for v := range sig.Params().Variables() {
		name := fresh("p", map[string]bool{"p": true}, x.identifiers)
		for slices.Contains(args, name) || x.used[name] {
			name += "_"
		}
		params = append(params, name+" "+x.typeText(v.Type()))
		args = append(args, name)
	}
	results := signatureText(types.NewSignatureType(nil, nil, nil, nil, sig.Results(), false), x.typeText)
	call := x.text(d, f.Pos(), f.End()) + "(" + strings.Join(args, ", ") + ")"
	if sig.Results().Len() > 0 {
		call = "return " + call
	}
	return ownLine + fmt.Sprintf("func %s(%s)%s { %s }", x.entryName(i), strings.Join(params, ", "), strings.TrimPrefix(results, "()"), call)
}

// declaredAs is the name of the declaration that an expression names as a whole; "" where there is none.
func (x *extractor) declaredAs(d *unitDecl, f ast.Expr) string {
	id, ok := f.(*ast.Ident)
	if !ok {
		return ""
	}
	obj := d.decl.Cell.Info.Uses[id]
	if obj == nil {
		return ""
	}
	obj = origin(obj)
	if decl, ok := x.find(obj); ok {
		obj = decl.Object
	}
	declared := x.declared[obj]
	if declared == nil {
		return ""
	}
	switch node := declared.node.(type) {
	case *ast.FuncDecl:
		if node.Type.TypeParams != nil {
			return ""
		}
	case *ast.FuncLit:
	default:
		return ""
	}
	return x.names[obj]
}

// entryName is the name of function i.
func (x *extractor) entryName(i int) string {
	if name := x.declaredAs(x.roots[i], ast.Unparen(x.roots[i].node.(ast.Expr))); name != "" {
		return name
	}
	name := fmt.Sprintf("function%d", i)
	for x.identifiers[name] || x.used[name] {
		name += "_"
	}
	return name
}

// ownLine says of the next line that it stands in no cell.
const ownLine = "//line /function/_.go:1:1\n"

// lineComment gives the next line its position in the cell.
func lineComment(cell *Cell, pos token.Pos) string {
	p := cell.Fset.Position(pos)
	if p.Filename == "" {
		return ""
	}
	if p.Column == 0 { // the cell's own line comments leave it out
		return fmt.Sprintf("//line %s:%d\n", p.Filename, p.Line)
	}
	return fmt.Sprintf("//line %s:%d:%d\n", p.Filename, p.Line, p.Column)
}

// placeComment gives what follows on the line its position.
func placeComment(cell *Cell, pos token.Pos) string {
	p := cell.Fset.Position(pos)
	if p.Filename == "" {
		return ""
	}
	if p.Column == 0 {
		return fmt.Sprintf("/*line %s:%d*/", p.Filename, p.Line)
	}
	return fmt.Sprintf("/*line %s:%d:%d*/", p.Filename, p.Line, p.Column)
}

// edit replaces source from one position to another.
type edit struct {
	from, to token.Pos
	text     string
}

// text is the source of d with the names of the file.
func (x *extractor) text(d *unitDecl, from, to token.Pos) string {
	cell := d.decl.Cell
	var edits []edit
	// The declared name is not among the uses.
	if f, ok := d.node.(*ast.FuncDecl); ok && f.Recv == nil {
		edits = append(edits, edit{f.Name.Pos(), f.Name.End(), x.names[d.object]})
	}
	if t, ok := d.node.(*ast.TypeSpec); ok {
		edits = append(edits, edit{t.Name.Pos(), t.Name.End(), x.names[d.object]})
	}
	eachIdent(d.node, func(id *ast.Ident, selected bool) {
		if text, changed := x.identifier(d, id, selected); changed {
			edits = append(edits, edit{id.Pos(), id.Pos() + token.Pos(len(id.Name)), text})
		}
	})
	slices.SortFunc(edits, func(a, b edit) int { return int(a.from - b.from) })
	var b strings.Builder
	at := from
	for _, e := range edits {
		if e.from < at || e.to > to {
			continue
		}
		b.WriteString(cell.Text(at, e.from))
		b.WriteString(e.text)
		at = e.to
	}
	b.WriteString(cell.Text(at, to))
	return b.String()
}

// identifier is what stands for a use of an object in the file; false where its name stays.
func (x *extractor) identifier(d *unitDecl, id *ast.Ident, selected bool) (string, bool) {
	cell := d.decl.Cell
	obj := cell.Info.Uses[id]
	if obj == nil {
		return "", false
	}
	obj = origin(obj)
	if p, ok := obj.(*types.PkgName); ok {
		alias := x.aliases[p.Imported().Path()]
		return alias, alias != id.Name
	}
	if v, ok := obj.(*types.Var); ok && v.IsField() {
		return x.fieldName(v, id)
	}
	if obj.Pkg() == nil || inside(d, obj) {
		return "", false
	}
	if name, ok := x.names[obj]; ok {
		return name, name != id.Name
	}
	if decl, ok := x.find(obj); ok {
		if name, ok := x.names[decl.Object]; ok {
			return name, name != id.Name
		}
		return "", false // a method
	}
	if isBare(obj, selected) {
		return x.aliases[obj.Pkg().Path()] + "." + id.Name, true
	}
	return "", false
}

// fieldName follows an embedded field, whose name is that of its type.
func (x *extractor) fieldName(v *types.Var, id *ast.Ident) (string, bool) {
	if !v.Embedded() {
		return "", false
	}
	t := v.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	var obj *types.TypeName
	switch t := t.(type) {
	case *types.Alias:
		obj = t.Obj()
	case *types.Named:
		obj = t.Obj()
	default:
		return "", false
	}
	if decl, ok := x.find(obj); ok {
		obj, _ = decl.Object.(*types.TypeName)
	}
	name, ok := x.names[obj]
	return name, ok && name != id.Name
}

// constant is a constant's declaration without the keyword: its value, whatever it was computed from.
func (x *extractor) constant(c *types.Const) string {
	typ := ""
	if b, ok := c.Type().(*types.Basic); !ok || b.Info()&types.IsUntyped == 0 {
		typ = " " + x.typeText(c.Type())
	}
	return x.names[c] + typ + " = " + constantText(c.Val(), c.Type())
}

// constantText is a constant as an exact Go expression.
func constantText(v constant.Value, t types.Type) string {
	switch v.Kind() {
	case constant.Float:
		exact := v.ExactString() // a fraction, where it is no integer and not too long
		if num, den, ok := strings.Cut(exact, "/"); ok {
			return num + ".0 / " + den + ".0"
		}
		if strings.ContainsAny(exact, ".pP") {
			return exact
		}
		return exact + ".0"
	case constant.Int:
		text := v.ExactString()
		if b, ok := t.Underlying().(*types.Basic); ok {
			switch b.Kind() {
			case types.UntypedFloat:
				return text + ".0"
			case types.UntypedRune:
				if r, ok := constant.Int64Val(v); ok {
					return fmt.Sprintf("%q", rune(r))
				}
			}
		}
		return text
	case constant.Complex:
		return "(" + constantText(constant.Real(v), types.Typ[types.UntypedFloat]) + ") + (" + constantText(constant.Imag(v), types.Typ[types.UntypedFloat]) + ")*1i"
	}
	return v.ExactString()
}
