package frame

import (
	"fmt"
	"go/token"
	"reflect"
	"regexp"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// asName takes "mean(x) as y" apart. A quote or bracket can't follow the last " as ", so strings are safe.
var asName = regexp.MustCompile(`(?is)^(.*\S)\s+as\s+([\pL_][\pL\pN_]*)\s*$`)

// parse reads an expression in Go syntax, with an optional " as name" behind it.
func parse(text string) (expr.Expr, error) {
	if m := asName.FindStringSubmatch(text); m != nil {
		x, err := expr.Parse(m[1])
		if err != nil {
			return nil, err
		}
		return expr.Alias{X: unnamed(x), Name: m[2]}, nil
	}
	return expr.Parse(text)
}

// expression takes an Expr, or the text of one.
func expression(v any) (expr.Expr, error) {
	if text, ok := v.(string); ok {
		return parse(text)
	}
	return operand(v)
}

// column takes the name of a column, an Expr, or the text of one. A name wins over a text, so that columns with odd
// names ("dep delay") need no quoting.
func column(v any, s *arrow.Schema) (expr.Expr, error) {
	name, ok := v.(string)
	if !ok {
		return operand(v)
	}
	if len(s.FieldIndices(name)) > 0 {
		return expr.Column{Name: name}, nil
	}
	if token.IsIdentifier(name) {
		return nil, unknownColumn(name, s)
	}
	return parse(name)
}

// columns resolves a list of names and expressions; slices among them are taken apart.
func columns(list []any, s *arrow.Schema) ([]expr.Expr, error) {
	var out []expr.Expr
	for _, v := range flatten(list) {
		if v == "*" && len(s.FieldIndices("*")) == 0 {
			for _, name := range fieldNames(s) {
				out = append(out, expr.Column{Name: name})
			}
			continue
		}
		x, err := column(v, s)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// flatten puts the elements of slices ([]string, []Expr, []any) in their place.
func flatten(list []any) []any {
	var out []any
	for _, v := range list {
		r := reflect.ValueOf(v)
		if r.Kind() == reflect.Slice {
			for i := range r.Len() {
				out = append(out, r.Index(i).Interface())
			}
			continue
		}
		out = append(out, v)
	}
	return out
}

// names takes column names only and checks that they exist.
func names(list []any, s *arrow.Schema) ([]string, error) {
	var out []string
	for _, v := range flatten(list) {
		var name string
		switch v := v.(type) {
		case string:
			name = v
		case Expr:
			c, ok := v.x.(expr.Column)
			if v.err != nil || !ok {
				return nil, fmt.Errorf("%s is no column name", v)
			}
			name = c.Name
		default:
			return nil, fmt.Errorf("a %T is no column name", v)
		}
		if len(s.FieldIndices(name)) == 0 {
			return nil, unknownColumn(name, s)
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

// check binds the expressions before a plan node does, so that the error comes under the name of the call.
func check(s *arrow.Schema, list ...expr.Expr) error {
	for _, x := range list {
		if _, err := expr.Bind(x, s); err != nil {
			return err
		}
	}
	return nil
}
