package display

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// grid is a table ready to be drawn: text only, the columns chosen.
type grid struct {
	columns []column
	rows    int
	gap     int // hidden columns stand before columns[gap]
	hidden  int // how many columns are left out
}

// column is a column of a grid.
type column struct {
	name, kind string
	right      bool // numbers
	cells      []cell
}

// cell is a value as text on one line.
type cell struct {
	text string
	full string // the exact value, where text is less
	null bool
}

// arrowGrid draws the first rows rows of records.
func arrowGrid(s *arrow.Schema, records []arrow.Record, rows int) *grid {
	g := &grid{rows: rows}
	chosen, gap, hidden := middleOut(s.NumFields())
	g.gap, g.hidden = gap, hidden
	for _, i := range chosen {
		f := s.Field(i)
		c := column{name: nameText(f.Name), kind: clean(batch.TypeName(f.Type)), right: rightAligned(f.Type)}
		c.cells = arrowCells(f.Type, i, records, rows)
		g.columns = append(g.columns, c)
	}
	return g
}

// emptyGrid is a table of names alone.
func emptyGrid(names []string) *grid {
	g := &grid{}
	chosen, gap, hidden := middleOut(len(names))
	g.gap, g.hidden = gap, hidden
	for _, i := range chosen {
		g.columns = append(g.columns, column{name: nameText(names[i])})
	}
	return g
}

// middleOut chooses htmlColumns() of n places by leaving out the middle: the places, where the gap is among them, and how
// many are missing.
func middleOut(n int) (chosen []int, gap, hidden int) {
	most := htmlColumns()
	if n <= most {
		for i := range n {
			chosen = append(chosen, i)
		}
		return chosen, n, 0
	}
	gap, hidden = (most+1)/2, n-most
	for i := range n {
		if i < gap || i >= gap+hidden {
			chosen = append(chosen, i)
		}
	}
	return chosen, gap, hidden
}

func nameText(s string) string {
	if s == "" {
		return `""`
	}
	return shorten(clean(s), cellWidth)
}

// textCell is a string as a cell. What could be taken for something else (null, nothing, spaces at an end) is quoted.
func textCell(s string) cell {
	whole := clean(s)
	if len(s) == 0 || s == "null" || s == "…" || s[0] == ' ' || s[len(s)-1] == ' ' {
		whole = `"` + whole + `"`
	}
	c := cell{text: shorten(whole, cellWidth)}
	if c.text != whole {
		c.full = whole
	}
	return c
}

// quiet is a cell whose text is known to be plain.
func quiet(text string) cell { return cell{text: text} }

var nullCell = cell{text: "null", null: true}
