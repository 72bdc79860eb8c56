#include "textflag.h"

// func rowsAVX2(dst, bitmap, table unsafe.Pointer, n int, row int32) (count int)
TEXT ·rowsAVX2(SB), NOSPLIT, $0-48
	MOVQ         dst+0(FP), DI
	MOVQ         bitmap+8(FP), SI
	MOVQ         table+16(FP), R8
	MOVQ         n+24(FP), CX
	MOVL         row+32(FP), AX
	MOVQ         AX, X1
	VPBROADCASTD X1, Y1
	MOVQ         $8, AX
	MOVQ         AX, X2
	VPBROADCASTD X2, Y2
	MOVQ         DI, DX

loop:
	MOVBLZX   (SI), AX
	POPCNTL   AX, BX
	VPMOVZXBD (R8)(AX*8), Y0 // which bits of the byte are set, in order
	VPADDD    Y1, Y0, Y0
	VPADDD    Y2, Y1, Y1
	VMOVDQU   Y0, (DI)
	LEAQ      (DI)(BX*4), DI
	INCQ      SI
	DECQ      CX
	JNZ       loop

	VZEROUPPER
	SUBQ DX, DI
	SHRQ $2, DI
	MOVQ DI, count+40(FP)
	RET
