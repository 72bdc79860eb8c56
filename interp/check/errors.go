package check

import "strings"

func (e *Errors) Error() string {
	var lines []string
	for _, d := range e.List {
		lines = append(lines, d.Pos.String()+": "+d.Msg)
	}
	return strings.Join(lines, "\n")
}
