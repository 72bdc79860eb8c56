package expr

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"math"
	"strconv"
	"strings"
)

// ParseError is a text that is no expression. Its message shows the text with a caret at the place.
type ParseError struct {
	Source  string
	Offset  int // bytes into Source
	Message string
}

func (e *ParseError) Error() string {
	offset := min(max(e.Offset, 0), len(e.Source))
	from := strings.LastIndexByte(e.Source[:offset], '\n') + 1
	line, _, _ := strings.Cut(e.Source[from:], "\n")
	// Tabs stay tabs before the caret, so that it stands under its place however wide they are drawn.
	pad := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, e.Source[from:offset])
	return fmt.Sprintf("%s\n\t%s\n\t%s^", e.Message, strings.TrimSuffix(line, "\r"), pad)
}

// Unwrap is ErrSyntax.
func (e *ParseError) Unwrap() error { return ErrSyntax }

// Parse reads an expression in Go syntax. Identifiers are columns (col("odd name") where a name is no identifier),
// operators are Go's, calls are the functions of the table, casts (int(x), float(x) …), aggregates, when(cond, value, …,
// otherwise), as(x, "name"), and window functions: over(sum(x), by(k), order_by(t)). x == nil means is_null(x). Errors are a *ParseError.
func Parse(src string) (Expr, error) {
	if strings.TrimSpace(src) == "" {
		return nil, &ParseError{src, 0, "the expression is empty"}
	}
	fset := token.NewFileSet()
	tree, err := parser.ParseExprFrom(fset, "", withoutKeywords(src), parser.SkipObjectResolution)
	if err != nil {
		return nil, syntaxError(src, err)
	}
	p := exprParser{src: src, fset: fset}
	e, err := p.expr(tree)
	if err != nil {
		if at, ok := errors.AsType[*ParseError](err); ok {
			return nil, at
		}
		return nil, &ParseError{src, 0, err.Error()}
	}
	return e, nil
}

// varCall stands for the name of the aggregate var, a keyword of Go: as long, so that places stay.
const varCall = "Var"

// withoutKeywords is src with varCall for var where it is called.
func withoutKeywords(src string) string {
	if !strings.Contains(src, string(Var)) {
		return src
	}
	var scan scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(src))
	scan.Init(file, []byte(src), func(token.Position, string) {}, 0)
	out := []byte(src)
	for at := -1; ; {
		switch pos, tok, _ := scan.Scan(); {
		case tok == token.EOF:
			return string(out)
		case tok == token.LPAREN && at >= 0:
			copy(out[at:], varCall)
			at = -1
		case tok == token.VAR:
			at = file.Offset(pos)
		default:
			at = -1
		}
	}
}

// syntaxError puts the scanner's and parser's words into those of someone who writes expressions, not Go files.
func syntaxError(src string, err error) error {
	var list scanner.ErrorList
	if !errors.As(err, &list) || len(list) == 0 {
		return &ParseError{src, 0, err.Error()}
	}
	at, msg := list[0].Pos.Offset, list[0].Msg
	rest := src[min(max(at, 0), len(src)):]
	word := strings.ToLower(strings.TrimFunc(firstWord(rest), func(r rune) bool { return r == ';' }))
	switch {
	case strings.Contains(msg, "rune literal"):
		msg = `text is written in double quotes: "UA"`
	case word == "and" || word == "or" || word == "not":
		msg = fmt.Sprintf("write %s", map[string]string{"and": "&& for and", "or": "|| for or", "not": "! for not"}[word])
	case strings.HasPrefix(rest, "=") || strings.Contains(msg, "found '='"):
		msg = "write == to compare"
	case strings.Contains(msg, "found 'EOF'") || strings.Contains(msg, "found newline"):
		msg = "the expression ends too early"
	}
	return &ParseError{src, at, msg}
}

func firstWord(s string) string {
	if f := strings.Fields(s); len(f) > 0 {
		return f[0]
	}
	return ""
}

type exprParser struct {
	src  string
	fset *token.FileSet
}

func (p *exprParser) fail(n ast.Node, format string, args ...any) error {
	// Positions are the text's own, whatever a //line comment in it says.
	return &ParseError{p.src, p.fset.PositionFor(n.Pos(), false).Offset, fmt.Sprintf(format, args...)}
}

func (p *exprParser) expr(n ast.Expr) (Expr, error) {
	switch n := n.(type) {
	case *ast.ParenExpr:
		return p.expr(n.X)
	case *ast.Ident:
		return p.ident(n), nil
	case *ast.BasicLit:
		return p.literal(n)
	case *ast.UnaryExpr:
		return p.unary(n)
	case *ast.BinaryExpr:
		return p.binary(n)
	case *ast.CallExpr:
		return p.call(n)
	case *ast.SelectorExpr:
		return nil, p.fail(n, "x.y is not used here: a column whose name has a point is col(\"x.y\"), a function is called as sum(x)")
	case *ast.IndexExpr, *ast.SliceExpr, *ast.IndexListExpr:
		return nil, p.fail(n, "indexing is not used here: the letters of a text are substr(s, from, count)")
	default:
		return nil, p.fail(n, "this is Go, but not an expression over columns")
	}
}

func (p *exprParser) ident(n *ast.Ident) Expr {
	switch n.Name {
	case "true", "false":
		return Literal{n.Name == "true"}
	case "nil", "null":
		return Literal{}
	}
	return Column{n.Name}
}

func (p *exprParser) literal(n *ast.BasicLit) (Expr, error) {
	switch n.Kind {
	case token.INT:
		v, err := strconv.ParseUint(n.Value, 0, 64)
		switch {
		case err != nil:
			return nil, p.fail(n, "%s does not fit 64 bits (write it as a float: %s.0)", n.Value, n.Value)
		case v <= math.MaxInt64:
			return Literal{int64(v)}, nil
		}
		return Literal{v}, nil
	case token.FLOAT:
		v, err := strconv.ParseFloat(n.Value, 64)
		if err != nil {
			return nil, p.fail(n, "%s does not fit a float64", n.Value)
		}
		return Literal{v}, nil
	case token.STRING:
		s, err := strconv.Unquote(n.Value)
		if err != nil {
			return nil, p.fail(n, "%s is no text", n.Value)
		}
		return Literal{s}, nil
	case token.CHAR:
		return nil, p.fail(n, "text is written in double quotes: %s", strconv.Quote(strings.Trim(n.Value, "'")))
	default:
		return nil, p.fail(n, "complex numbers are not used here")
	}
}

func (p *exprParser) unary(n *ast.UnaryExpr) (Expr, error) {
	switch n.Op {
	case token.SUB:
		// -5 is a literal, also the least int64; -(5) and -x negate.
		if lit, ok := n.X.(*ast.BasicLit); ok {
			x, err := p.literal(lit)
			if err != nil {
				return nil, err
			}
			switch v := x.(Literal).Value.(type) {
			case int64:
				return Literal{-v}, nil
			case uint64:
				if v == 1<<63 {
					return Literal{int64(math.MinInt64)}, nil
				}
				return nil, p.fail(n, "-%s does not fit 64 bits", lit.Value)
			case float64:
				return Literal{-v}, nil
			}
		}
		x, err := p.expr(n.X)
		return Unary{Negate, x}, err
	case token.ADD:
		return p.expr(n.X)
	case token.NOT:
		x, err := p.expr(n.X)
		return Unary{Not, x}, err
	default:
		return nil, p.fail(n, "operator %s is not used here", n.Op)
	}
}

var binaryTokens = map[token.Token]BinaryOp{
	token.ADD: Add, token.SUB: Subtract, token.MUL: Multiply, token.QUO: Divide, token.REM: Modulo,
	token.EQL: Equal, token.NEQ: NotEqual, token.LSS: Less, token.LEQ: LessEqual, token.GTR: Greater, token.GEQ: GreaterEqual,
	token.LAND: And, token.LOR: Or,
}

func (p *exprParser) binary(n *ast.BinaryExpr) (Expr, error) {
	op, ok := binaryTokens[n.Op]
	if !ok {
		way := "there are no operators on bits"
		switch n.Op {
		case token.AND:
			way = "write && for and"
		case token.OR:
			way = "write || for or"
		case token.XOR:
			way = "write pow(x, y) for a power"
		}
		return nil, &ParseError{p.src, p.fset.PositionFor(n.OpPos, false).Offset, fmt.Sprintf("operator %s is not used here: %s", n.Op, way)}
	}
	l, err := p.expr(n.X)
	if err != nil {
		return nil, err
	}
	r, err := p.expr(n.Y)
	if err != nil {
		return nil, err
	}
	if op == Equal || op == NotEqual {
		x := l
		if isNil(n.X) {
			x = r
		}
		if isNil(n.X) || isNil(n.Y) {
			return Call{Func: map[BinaryOp]string{Equal: "is_null", NotEqual: "is_not_null"}[op], Args: []Expr{x}}, nil
		}
	}
	return Binary{op, l, r}, nil
}

func isNil(n ast.Expr) bool {
	id, ok := n.(*ast.Ident)
	return ok && id.Name == "nil"
}
