package generator

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/rivulet-go/rivulet/interp/packages/archive"
)

// exportData is the export data of packages. The note of an entry is the package's name and the paths of the packages checked from
// source that it refers to. Positions are left out: nobody could open the files.
func exportData(list []*listed) ([]archive.Entry, error) {
	var entries []archive.Entry
	for _, p := range list {
		e := archive.Entry{Name: p.ImportPath, Note: p.Name}
		if p.ImportPath != "unsafe" {
			var b bytes.Buffer
			if err := gcexportdata.Write(&b, token.NewFileSet(), p.types); err != nil {
				return nil, fmt.Errorf("generator: %s: %w", p.ImportPath, err)
			}
			e.Text = b.Bytes()
			refers, err := references(e.Text, p.ImportPath)
			if err != nil {
				return nil, err
			}
			e.Note = strings.Join(append([]string{p.Name}, refers...), " ")
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// references are the packages of Sourced that export data refers to, in that order.
func references(data []byte, path string) ([]string, error) {
	read := map[string]*types.Package{}
	if _, err := gcexportdata.Read(bytes.NewReader(data), token.NewFileSet(), read, path); err != nil {
		return nil, fmt.Errorf("generator: %s: %w", path, err)
	}
	var found []string
	for _, p := range Sourced {
		if read[p] != nil && p != path {
			found = append(found, p)
		}
	}
	return found, nil
}
