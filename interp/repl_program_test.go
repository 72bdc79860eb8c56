package interp

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// replProgram makes a package of a script, so that the compiler can run it: declarations stay at package level, so do
// the variables that a cell's statements define, and each cell becomes a function. A cell that must not compile is left
// out, since it changes nothing.
type replProgram struct {
	name     string // of the package
	importer types.Importer
	std      map[string]string // the name of a package of the standard library → its path, "" where several have it

	imports map[string]string // name → path
	decls   []string
	fields  []replDefine
	probes  []string // statements, for go/types only
	info    types.Info
	pkg     *types.Package
	fset    *token.FileSet
	errs    []error
}

// replDefine is a definition "a, b := e" or "var a, b = e" of a cell.
type replDefine struct {
	names []string
	typ   string // "" where the type is that of the right-hand side
	rhs   string
}

type replPiece struct {
	text   string
	define *replDefine
	last   bool // an expression that ends its cell
	probe  int  // index of the statement in probes
}

// source gives the package for a script.
func (p *replProgram) source(s *replScript) (string, error) {
	p.imports = map[string]string{}
	cells := make([][]replPiece, len(s.cells))
	for i, c := range s.cells {
		if strings.HasPrefix(c.want, "error: compile error: ") {
			continue
		}
		pieces, err := splitReplCell(c.code)
		if err != nil {
			return "", fmt.Errorf("cell %d: %w", i+1, err)
		}
		for j, text := range pieces {
			piece, err := p.piece(text)
			if err != nil {
				return "", fmt.Errorf("cell %d: %q: %w", i+1, text, err)
			}
			if piece != nil {
				piece.last = j == len(pieces)-1
				cells[i] = append(cells[i], *piece)
			}
		}
	}
	if err := p.check(); err != nil {
		return "", err
	}
	return p.emit(s, cells)
}

var (
	replFunc   = regexp.MustCompile(`^func\s*(\([^)]*\)\s*)?[\pL_][\pL\d_]*\s*[\[(]`)
	replAssign = regexp.MustCompile(`^([\pL_][\pL\d_]*(?:\s*,\s*[\pL_][\pL\d_]*)*)\s*:=`)
)

// piece sorts a piece of a cell; nil is a declaration.
func (p *replProgram) piece(text string) (*replPiece, error) {
	word := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '(' || r == '\t' || r == '\n' || r == '"' })[0]
	switch {
	case word == "import":
		f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+text, 0)
		if err != nil {
			return nil, err
		}
		for _, spec := range f.Imports {
			from := strings.Trim(spec.Path.Value, `"`)
			name := importName(from)
			if spec.Name != nil {
				name = spec.Name.Name
			}
			p.imports[name] = from
		}
		return nil, nil
	case word == "type", word == "const", replFunc.MatchString(text):
		p.decls = append(p.decls, text)
		return nil, nil
	case word == "var":
		return p.variables(text)
	}
	piece := &replPiece{text: text, probe: -1}
	if m := replAssign.FindStringSubmatch(text); m != nil {
		d := replDefine{rhs: text[len(m[0]):]}
		for name := range strings.SplitSeq(m[1], ",") {
			d.names = append(d.names, strings.TrimSpace(name))
		}
		p.fields = append(p.fields, d)
		piece.define = &d
		return piece, nil
	}
	piece.probe = len(p.probes)
	p.probes = append(p.probes, text)
	return piece, nil
}

// variables turns a declaration of variables into definitions.
func (p *replProgram) variables(text string) (*replPiece, error) {
	fset := token.NewFileSet()
	const head = "package p\n"
	f, err := parser.ParseFile(fset, "", head+text, 0)
	if err != nil {
		return nil, err
	}
	at := func(n ast.Node) string {
		return text[fset.Position(n.Pos()).Offset-len(head) : fset.Position(n.End()).Offset-len(head)]
	}
	var lines []string
	for _, spec := range f.Decls[0].(*ast.GenDecl).Specs {
		v := spec.(*ast.ValueSpec)
		var d replDefine
		var values []string
		for _, n := range v.Names {
			d.names = append(d.names, n.Name)
		}
		if v.Type != nil {
			d.typ = at(v.Type)
		}
		for _, x := range v.Values {
			values = append(values, at(x))
		}
		d.rhs = strings.Join(values, ", ")
		p.fields = append(p.fields, d)
		if d.rhs != "" {
			lines = append(lines, strings.Join(d.names, ", ")+" = "+d.rhs)
		}
	}
	return &replPiece{text: strings.Join(lines, "\n"), define: &replDefine{}, probe: -1}, nil
}

// check type-checks everything once, and once more with the imports that the script leaves out.
func (p *replProgram) check() error {
	for range 2 {
		var b strings.Builder
		p.writeHead(&b, p.imports)
		declared := map[string]bool{}
		for _, d := range p.fields {
			names := slices.Clone(d.names)
			for i, n := range names {
				if declared[n] {
					names[i] = "_"
				}
				declared[n] = true
			}
			fmt.Fprintf(&b, "var %s %s", strings.Join(names, ", "), d.typ)
			if d.rhs != "" {
				b.WriteString(" = " + d.rhs)
			}
			b.WriteString("\n")
		}
		for i, s := range p.probes {
			fmt.Fprintf(&b, "func probe%d() {\n%s\n}\n", i, s)
		}
		p.fset = token.NewFileSet()
		f, err := parser.ParseFile(p.fset, p.name+".go", b.String(), parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		p.info = types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
		p.errs = nil
		conf := types.Config{Importer: p.importer, Error: func(err error) { p.errs = append(p.errs, err) }}
		p.pkg, _ = conf.Check(p.name, p.fset, []*ast.File{f}, &p.info)
		if !p.addImports(f) {
			p.dropImports()
			return p.probe(f)
		}
	}
	return nil
}

// addImports imports what the script uses of the standard library without saying so.
func (p *replProgram) addImports(f *ast.File) bool {
	added := false
	for n := range ast.Preorder(f) {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			continue
		}
		id, ok := sel.X.(*ast.Ident)
		if !ok || p.info.Uses[id] != nil || p.std[id.Name] == "" || p.imports[id.Name] != "" {
			continue
		}
		p.imports[id.Name] = p.std[id.Name]
		added = true
	}
	return added
}

func (p *replProgram) dropImports() {
	used := map[string]bool{".": true, "_": true}
	for _, o := range p.info.Uses {
		if n, ok := o.(*types.PkgName); ok {
			used[n.Name()] = true
		}
	}
	maps.DeleteFunc(p.imports, func(name, _ string) bool { return !used[name] })
}

// probe finds the type of each statement that is an expression.
func (p *replProgram) probe(f *ast.File) error {
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		var i int
		if !ok {
			continue
		}
		if _, err := fmt.Sscanf(fn.Name.Name, "probe%d", &i); err != nil {
			continue
		}
		if x, ok := fn.Body.List[0].(*ast.ExprStmt); ok {
			p.probes[i] = p.display(x.X)
		} else {
			p.probes[i] = ""
		}
	}
	return nil
}

// display is how the value of an expression is shown where it ends a cell: a format for its text, "" for not at all.
func (p *replProgram) display(x ast.Expr) string {
	tv := p.info.Types[x]
	call, isCall := ast.Unparen(x).(*ast.CallExpr)
	if isCall {
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
			if o := p.info.Uses[sel.Sel]; o != nil && o.Pkg() != nil && o.Pkg().Path() == "fmt" && strings.Contains(o.Name(), "rint") && !strings.HasPrefix(o.Name(), "S") {
				return ""
			}
		}
		last := tv.Type
		if t, ok := tv.Type.(*types.Tuple); ok && t.Len() > 0 {
			last = t.At(t.Len() - 1).Type()
		}
		if last != nil && types.Identical(last, types.Universe.Lookup("error").Type()) {
			return "oracle.Call(%s)"
		}
	}
	if tv.IsVoid() {
		return ""
	}
	return "oracle.Show(%s)"
}

func (p *replProgram) writeHead(b *strings.Builder, imports map[string]string) {
	fmt.Fprintf(b, "package %s\n", p.name)
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		fmt.Fprintf(b, "import %s %q\n", name, imports[name])
	}
	for _, d := range p.decls {
		b.WriteString(d + "\n")
	}
}

// emit writes the package.
func (p *replProgram) emit(s *replScript, cells [][]replPiece) (string, error) {
	var body strings.Builder
	imports := maps.Clone(p.imports)
	qualifier := func(o *types.Package) string {
		if o == p.pkg {
			return ""
		}
		for name, from := range p.imports {
			if from == o.Path() && name != "." && name != "_" {
				return name
			}
		}
		name := "imported_" + strings.ReplaceAll(o.Path(), "/", "_")
		imports[name] = o.Path()
		return name
	}
	declared := map[string]bool{"_": true}
	for _, d := range p.fields {
		for _, n := range d.names {
			if declared[n] {
				continue
			}
			declared[n] = true
			o := p.pkg.Scope().Lookup(n)
			if o == nil || o.Type() == types.Typ[types.Invalid] {
				return "", fmt.Errorf("no type of %s: %v", n, p.errs)
			}
			fmt.Fprintf(&body, "var %s %s\n", n, types.TypeString(o.Type(), qualifier))
		}
	}
	body.WriteString("var Cells = []oracle.Cell{\n")
	for i, pieces := range cells {
		c := s.cells[i]
		if strings.HasPrefix(c.want, "error: compile error: ") {
			continue
		}
		in := ""
		for _, line := range c.stdin {
			in += line + "\n"
		}
		fmt.Fprintf(&body, "{Number: %d, Stdin: %q, Run: func() {\n", i+1, in)
		for _, piece := range pieces {
			body.WriteString(p.statement(piece) + "\n")
		}
		body.WriteString("}},\n")
	}
	body.WriteString("}\n")
	imports["oracle"] = "oracle/oracle"
	var b strings.Builder
	p.writeHead(&b, imports)
	return b.String() + body.String(), nil
}

func (p *replProgram) statement(piece replPiece) string {
	switch {
	case piece.define != nil && len(piece.define.names) > 0:
		return strings.Join(piece.define.names, ", ") + " = " + piece.define.rhs
	case piece.define != nil:
		return piece.text
	}
	display := p.probes[piece.probe]
	switch {
	case piece.last && display != "":
		return fmt.Sprintf(display, piece.text)
	case strings.HasPrefix(display, "oracle.Show") && !strings.HasPrefix(piece.text, "<-") && !strings.HasSuffix(piece.text, ")"):
		return "_ = " + piece.text
	}
	return piece.text
}

// importName is the usual name of a package.
func importName(from string) string {
	name := path.Base(from)
	if regexp.MustCompile(`^v\d+$`).MatchString(name) {
		name = path.Base(path.Dir(from))
	}
	return name
}

// splitReplCell cuts a cell at the semicolons outside of brackets, those of the headers of for, if and switch excepted.
func splitReplCell(code string) ([]string, error) {
	var errs scanner.ErrorList
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(code))
	var s scanner.Scanner
	s.Init(file, []byte(code), errs.Add, 0)
	var pieces []string
	var tokens []token.Token
	depth, start, end := 0, 0, 0
	for {
		pos, tok, lit := s.Scan()
		off := file.Offset(pos)
		switch tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		}
		if tok == token.EOF || tok == token.SEMICOLON && depth == 0 && !inHeader(tokens, code[start:end]) {
			if len(tokens) > 0 {
				pieces = append(pieces, code[start:end])
			}
			tokens = tokens[:0]
			if tok == token.EOF {
				return pieces, errs.Err()
			}
			continue
		}
		if len(tokens) == 0 {
			start = off
		}
		tokens = append(tokens, tok)
		end = min(off+cmp.Or(len(lit), len(tok.String())), len(code))
	}
}

// inHeader tells whether a semicolon after these tokens, the last of the text, belongs to the header of their statement.
func inHeader(tokens []token.Token, text string) bool {
	for len(tokens) > 2 && tokens[0] == token.IDENT && tokens[1] == token.COLON {
		tokens = tokens[2:]
	}
	if len(tokens) == 0 || !slices.Contains([]token.Token{token.FOR, token.IF, token.SWITCH}, tokens[0]) {
		return false
	}
	_, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc _() {\n"+text+"\n}", parser.SkipObjectResolution)
	return err != nil
}
