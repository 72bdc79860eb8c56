package module

import (
	"fmt"
	"strings"

	gomod "golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// matcher is a version query that a list of tagged versions answers.
type matcher struct {
	prefix       string            // "v1.2."
	filter       func(string) bool // nil: all
	lowest       bool              // take the lowest, for a lower bound
	latest       bool              // where no tag matches, the newest commit will do
	incompatible bool              // +incompatible versions are wanted
}

// newMatcher parses a query; nil is a branch or commit.
func newMatcher(path, query, current string) (*matcher, error) {
	m := &matcher{incompatible: strings.HasSuffix(current, "+incompatible")}
	atLeast := func(low string) func(string) bool {
		return func(v string) bool { return semver.Compare(v, low) >= 0 }
	}
	switch query {
	case "latest":
		m.latest = true
		return m, nil
	case "", "upgrade":
		m.latest = current == "" || gomod.IsPseudoVersion(current)
		if current != "" {
			m.filter = atLeast(current)
		}
		return m, nil
	case "patch":
		if current == "" {
			return nil, fmt.Errorf("no version of it is required yet that could be patched")
		}
		m.latest = gomod.IsPseudoVersion(current)
		m.prefix = semver.MajorMinor(current) + "."
		m.filter = atLeast(current)
		return m, nil
	}
	bound := strings.TrimLeft(query, "<>=")
	operator := query[:len(query)-len(bound)]
	if !semver.IsValid(bound) {
		if operator != "" {
			return nil, fmt.Errorf("%q is not a version", bound)
		}
		return nil, nil
	}
	isPrefix := strings.Count(bound, ".") < 2
	if _, major, ok := gomod.SplitPathVersion(path); ok && gomod.CheckPathMajor(bound, major) != nil {
		m.incompatible = true
	}
	switch operator {
	case "<":
		m.filter = func(v string) bool { return semver.Compare(v, bound) < 0 }
	case ">=":
		m.filter = atLeast(bound)
		m.lowest = true
	case "<=", ">":
		if isPrefix {
			return nil, fmt.Errorf("%q is ambiguous: name a whole version such as %s", query, operator+semver.Canonical(bound))
		}
		m.filter = func(v string) bool { return semver.Compare(v, bound) <= 0 }
		if operator == ">" {
			m.filter = func(v string) bool { return semver.Compare(v, bound) > 0 }
			m.lowest = true
		}
	case "":
		if !isPrefix {
			return nil, nil // a tag that is no canonical version, such as v1.2.3+meta
		}
		m.prefix = bound + "."
		m.filter = atLeast(bound)
	default:
		return nil, fmt.Errorf("%q is no version", query)
	}
	return m, nil
}

func (m *matcher) accepts(version string) bool {
	return strings.HasPrefix(version, m.prefix) && (m.filter == nil || m.filter(version))
}

// best is the highest of sorted versions, or the lowest where that is wanted; a release goes before any pre-release.
func (m *matcher) best(versions []string) string {
	best := ""
	for _, v := range versions {
		release, had := semver.Prerelease(v) == "", best != "" && semver.Prerelease(best) == ""
		if best == "" || release && !had || release == had && !m.lowest {
			best = v
		}
	}
	return best
}
