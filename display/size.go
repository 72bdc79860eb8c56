package display

import (
	"cmp"
	"sync/atomic"
)

// How large tables are unless SetTableSize says it.
const (
	usualRows    = 20
	usualColumns = 20
)

var tableRows, tableColumns atomic.Int64

// SetTableSize sets how many rows are shown of a result that has more than three times as many, and how many columns a table
// has before its middle is left out. 0 is the default.
func SetTableSize(rows, columns int) {
	tableRows.Store(int64(rows))
	tableColumns.Store(int64(columns))
}

// TableSize is what SetTableSize set.
func TableSize() (rows, columns int) { return int(headRows()), htmlColumns() }

// headRows is how many rows of a result are drawn that is larger than watchRows.
func headRows() int64 { return cmp.Or(tableRows.Load(), usualRows) }

// watchRows is how many rows a display asks for; a result of up to that many is shown whole.
func watchRows() int64 { return 3 * headRows() }

// htmlColumns is how many columns a table shows; a wider one loses its middle.
func htmlColumns() int { return int(cmp.Or(tableColumns.Load(), usualColumns)) }
