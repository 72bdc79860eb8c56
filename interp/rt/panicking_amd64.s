#include "textflag.h"

// func panicking() any
TEXT ·panicking(SB), NOSPLIT, $0-16
	MOVQ (TLS), AX
	MOVQ 32(AX), AX
	XORL BX, BX
	XORL CX, CX
	TESTQ AX, AX
	JZ   none
	MOVQ 0(AX), BX
	MOVQ 8(AX), CX
none:
	MOVQ BX, ret_type+0(FP)
	MOVQ CX, ret_data+8(FP)
	RET
