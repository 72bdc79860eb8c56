package expr

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
)

var (
	// ErrUnknownColumn is wrapped by the errors of Bind that name a column the schema lacks.
	ErrUnknownColumn = errors.New("unknown column")
	// ErrUnknownFunction is wrapped where a call names no function of the table.
	ErrUnknownFunction = errors.New("unknown function")
	// ErrType is wrapped where operands' types do not go together.
	ErrType = errors.New("type mismatch")
	// ErrOverflow is wrapped where a result does not fit its type.
	ErrOverflow = errors.New("overflow")
	// ErrCast is wrapped where a value does not fit the type that it is cast to.
	ErrCast = errors.New("value does not fit")
	// ErrSyntax is wrapped by the errors of Parse.
	ErrSyntax = errors.New("syntax")
)

// A typed error prints its own sentence; the sentinel is for errors.Is only, so that users don't read it twice.
type kindError struct {
	kind error
	msg  string
}

func (e *kindError) Error() string { return e.msg }
func (e *kindError) Unwrap() error { return e.kind }

func errorOf(kind error, format string, args ...any) error {
	return &kindError{kind, fmt.Sprintf(format, args...)}
}

// maxListed bounds the names that an error lists.
const maxListed = 30

// UnknownColumn is the error for a column that is not among the names there are: it lists them and offers the nearest.
func UnknownColumn(name string, have []string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "unknown column %q", name)
	if near := nearest(name, have); near != "" {
		fmt.Fprintf(&b, ", did you mean %q?", near)
	}
	if len(have) == 0 {
		b.WriteString(" (there are no columns)")
		return &kindError{ErrUnknownColumn, b.String()}
	}
	b.WriteString(" (columns: " + listed(have) + ")")
	return &kindError{ErrUnknownColumn, b.String()}
}

func unknownFunction(name string) error {
	names := FunctionNames()
	hint := ""
	if near := nearest(name, names); near != "" {
		hint = fmt.Sprintf(", did you mean %s?", near)
	}
	return errorOf(ErrUnknownFunction, "unknown function %s%s (functions: %s)", name, hint, strings.Join(names, ", "))
}

func listed(names []string) string {
	if len(names) <= maxListed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed], ", "), len(names)-maxListed)
}

func fieldNames(s *arrow.Schema) []string {
	out := make([]string, s.NumFields())
	for i := range out {
		out[i] = s.Field(i).Name
	}
	return out
}

// nearest is the name with the least edit distance, if that is small for the word's length.
func nearest(name string, have []string) string {
	letters := len([]rune(name))
	best, found := min(letters, max(1, letters/3)+1), ""
	for _, h := range have {
		d := 0
		if !strings.EqualFold(name, h) {
			d = distance(strings.ToLower(name), strings.ToLower(h))
		}
		if d < best {
			best, found = d, h
		}
	}
	if found == "" && len(name) >= 3 {
		i := slices.IndexFunc(have, func(h string) bool {
			return strings.HasPrefix(strings.ToLower(h), strings.ToLower(name))
		})
		if i >= 0 {
			found = have[i]
		}
	}
	return found
}

// distance is the edit distance with transpositions of neighbours (optimal string alignment).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, prev, cur := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(s); i++ {
		cur[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(t)]
}
