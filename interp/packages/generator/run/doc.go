// Command run writes the generated files of package packages. It runs in that package's folder, by go generate, with "std" or
// "own" as its argument.
package main
