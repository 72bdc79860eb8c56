// Package module makes other people's packages importable in a cell: it finds a module, checks it, keeps it, and says which
// of its Go files are the package. It needs no Go toolchain, and it runs nothing.
//
//	%get path@version ─► ParseGet ─► Graph.Get ─► version query ─┐            proxy.go, versions.go, resolve.go
//	                                    │                        ▼
//	                                    │        go.mod files ─► build list    gomod.go, list.go
//	                                    ▼                        │
//	import "path/pkg" ─► Graph.Load ─► provider ◄────────────────┘
//	                                    │      zip ─► checksum ─► directory    zip.go, sums.go, cache.go
//	                                    ▼
//	                      build-file selection ─► Package                      inspect.go, tags.go, problem.go
//
// Where it stands on the go command's own rules:
//
//   - Settings are the go command's: the environment, then the file of go env -w, then the go.env of an installed release,
//     then what the release that built this program sets (settings.go).
//   - The cache is the module cache, with the same layout, lock files and read-only directories, so that it may be shared
//     with the go command while both run. Nothing that is complete in it is ever written again.
//   - Every go.mod and zip is held against the checksum database, also those that the cache had already. A database that
//     doesn't answer is an error; nothing is skipped unless GOSUMDB, GONOSUMDB or GOPRIVATE says so.
//   - Versions are chosen by minimal version selection over the pruned module graph, as in a new main module that requires
//     what was asked for. A module that provides a package of an import becomes a requirement of its own, as go get
//     makes it, so that its go.mod counts.
//   - A local directory is a module of the workspace: its version never matters, its own replace directives are honoured,
//     and its files are read anew at every load.
//   - Files are chosen for the process's GOOS and GOARCH without cgo. A module with assembly for that target is built with
//     tags that ask for the portable code instead, and so is a package that can do without package unsafe (tags.go).
//
// Read graph.go first.
package module
