package main

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
)

// judge compares results with the lists.
type judge struct {
	*lists
	results map[string]Result
}

// names are the tests that ran and for which keep is true, in order.
func (j *judge) names(keep func(string, Result) bool) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(j.results)) {
		if keep(name, j.results[name]) {
			names = append(names, name)
		}
	}
	return names
}

// unlisted are failures without a reason.
func (j *judge) unlisted() []string {
	return j.names(func(name string, r Result) bool {
		_, known := j.known[name]
		return r.Status != OK && !known
	})
}

// fixed are listed failures that pass.
func (j *judge) fixed() []string {
	return j.names(func(name string, r Result) bool {
		_, known := j.known[name]
		return r.Status == OK && known
	})
}

// lost are failures of tests that raw yaegi passes. What tests without an .out file print did not count for the
// baseline, so it does not count here.
func (j *judge) lost() []string {
	return j.names(func(name string, r Result) bool { return r.Status != OK && r.Status != Noise && j.baseline[name] })
}

// update makes the list agree with the results.
func (j *judge) update() {
	for _, name := range j.fixed() {
		delete(j.known, name)
	}
	for _, name := range j.unlisted() {
		r := j.results[name]
		reason := string(r.Status)
		if r.Error != "" {
			reason += ": " + r.Error
		}
		j.known[name] = entry{"new", reason}
	}
}

// outside are the classes of what no interpreter without a toolchain can run.
var outside = []string{"toolchain", "cgo", "runtime", "target"}

// table prints passed of all, by folder.
func (j *judge) table(w io.Writer) {
	passed, all, ends := map[string]int{}, map[string]int{}, map[Status]int{}
	apply := len(j.results)
	for name, r := range j.results {
		folder := path.Dir(name)
		all[folder]++
		ends[r.Status]++
		if r.Status == OK {
			passed[folder]++
		} else if slices.Contains(outside, j.known[name].class) {
			apply--
		}
	}
	line := func(what string, n, of int) {
		fmt.Fprintf(w, "%-12s %5d of %5d %6.1f %%\n", what, n, of, 100*float64(n)/float64(max(of, 1)))
	}
	for _, folder := range slices.Sorted(maps.Keys(all)) {
		line(folder, passed[folder], all[folder])
	}
	line("all", ends[OK], len(j.results))
	line("that apply", ends[OK], apply)
	line("as baseline", ends[OK]+ends[Noise], len(j.results))
	for _, status := range slices.Sorted(maps.Keys(ends)) {
		if status != OK {
			fmt.Fprintf(w, "%-12s %5d\n", status, ends[status])
		}
	}
}

// print says what changed, and whether the results are as the list wants them.
func (j *judge) print(w io.Writer) bool {
	j.table(w)
	for _, name := range j.fixed() {
		fmt.Fprintf(w, "passes now, take it off the list: %s\n", name)
	}
	for _, name := range j.lost() {
		fmt.Fprintf(w, "lost, raw yaegi passes it: %s: %s: %s\n", name, j.results[name].Status, j.results[name].Error)
	}
	unlisted := j.unlisted()
	for _, name := range unlisted {
		fmt.Fprintf(w, "fails and is not listed: %s: %s: %s\n", name, j.results[name].Status, j.results[name].Error)
	}
	return len(unlisted) == 0
}
