package main

import (
	"regexp"
	"strings"
)

// described is what git describe --tags --always --dirty prints: a tag, with how many commits came after it and the
// last of them, or a commit alone.
var described = regexp.MustCompile(`^v?(\d+(?:\.\d+)*)(?:-?(a|alpha|b|beta|rc|pre)[.-]?(\d+))?(?:-(\d+)-g([0-9a-f]+))?(-dirty)?$`)

// pep440 is a version of git as Python orders versions: commits after a tag are post-releases of it, and the commit is
// the local part. What has no tag is version 0.
func pep440(version string) string {
	m := described.FindStringSubmatch(version)
	if m == nil || isCommit(version) {
		return "0+" + local(version)
	}
	release, stage, number, after, commit, dirty := m[1], m[2], m[3], m[4], m[5], m[6]
	if stage != "" {
		release += map[string]string{"a": "a", "alpha": "a", "b": "b", "beta": "b", "rc": "rc", "pre": "rc"}[stage] + number
	}
	if after != "" {
		release += ".post" + after
	}
	var marks []string
	if commit != "" {
		marks = append(marks, "g"+commit)
	}
	if dirty != "" {
		marks = append(marks, "dirty")
	}
	if len(marks) > 0 {
		release += "+" + strings.Join(marks, ".")
	}
	return release
}

// isCommit tells a commit whose digits are all decimal from a tag, which has a dot or a v.
func isCommit(version string) bool {
	name := strings.TrimSuffix(version, "-dirty")
	return len(name) >= 7 && regexp.MustCompile(`^[0-9a-f]+$`).MatchString(name)
}

// local is text as a local version segment: letters, digits and dots.
func local(text string) string {
	if isCommit(text) {
		text = "g" + text
	}
	parts := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	if len(parts) == 0 {
		return "unknown"
	}
	return strings.Join(parts, ".")
}
