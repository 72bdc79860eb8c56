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

// func farthestAVX2(numbers unsafe.Pointer, n int) uint32
TEXT ·farthestAVX2(SB), NOSPLIT, $0-20
	MOVQ  numbers+0(FP), SI
	MOVQ  n+8(FP), CX
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1

loop:
	VPMAXUD      (SI), Y0, Y0
	VPMAXUD      32(SI), Y1, Y1
	ADDQ         $64, SI
	SUBQ         $16, CX
	JNZ          loop
	VPMAXUD      Y1, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPMAXUD      X1, X0, X0
	VPSHUFD      $0x4e, X0, X1
	VPMAXUD      X1, X0, X0
	VPSHUFD      $0xb1, X0, X1
	VPMAXUD      X1, X0, X0
	VMOVD        X0, AX
	MOVL         AX, ret+16(FP)
	VZEROUPPER
	RET
