// Command echokernel is a kernel with a toy language, for trying front ends on package kernel alone. Each line of a
// cell is a command with its argument:
//
//	print TEXT · printn N (N lines) · eprint TEXT · result TEXT · show ID TEXT · update ID TEXT · clear
//	input PROMPT · sleep DURATION · error TEXT · lost TEXT · panic TEXT
package main
