// Package symbols holds what cells see of Rivulet's own packages, in the form that yaegi wants.
//
// The files github_com-*.go are generated from the packages frame and display: go generate ./interp/symbols
package symbols
