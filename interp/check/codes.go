package check

// Codes of go/types' errors, which it numbers but does not export. A test provokes each.
const (
	codeInitCycle        = 9
	codeDuplicate        = 10
	codeNoMember         = 73 // of a package
	codeUndeclared       = 75
	codeNoFieldOrMethod  = 76
	codeUnknownLitField  = 66
	codeUnusedExpr       = 100
	codeUnusedVar        = 101
	codeWrongResultCount = 103
	codeUnusedLabel      = 122
)
