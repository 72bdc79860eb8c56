// Command raw is yaegi as it is: it evaluates what comes on standard input with yaegi's own symbols, so that cells can
// be timed beside it. Each input is a JSON string of Go source, each output a JSON object with "out" and "error".
package main
