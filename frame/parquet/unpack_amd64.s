#include "textflag.h"

// func unpackAVX2(out, data, lanes unsafe.Pointer, groups, width, half int)
// Each step takes width bytes and makes eight numbers: bytes to lanes, then shifts and a mask.
TEXT ·unpackAVX2(SB), NOSPLIT, $0-48
	MOVQ    out+0(FP), DI
	MOVQ    data+8(FP), SI
	MOVQ    lanes+16(FP), AX
	MOVQ    groups+24(FP), CX
	MOVQ    width+32(FP), DX
	MOVQ    half+40(FP), BX
	VMOVDQU (AX), Y3
	VMOVDQU 32(AX), Y4
	VMOVDQU 64(AX), Y5

loop:
	VMOVDQU      (SI), X0
	VINSERTI128  $1, (SI)(BX*1), Y0, Y0
	VPSHUFB      Y3, Y0, Y0
	VPSRLVD      Y4, Y0, Y0
	VPAND        Y5, Y0, Y0
	VMOVDQU      Y0, (DI)
	ADDQ         DX, SI
	ADDQ         $32, DI
	DECQ         CX
	JNZ          loop
	VZEROUPPER
	RET
