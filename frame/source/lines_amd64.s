#include "textflag.h"

// func linesAVX2(text unsafe.Pointer, n int, quote byte) (ends int, empty, quoted, returning uint64)
TEXT ·linesAVX2(SB), NOSPLIT, $0-56
	MOVQ         text+0(FP), SI
	MOVQ         n+8(FP), CX
	MOVBQZX      quote+16(FP), AX
	MOVQ         AX, X0
	VPBROADCASTB X0, Y0
	MOVQ         $10, AX
	MOVQ         AX, X1
	VPBROADCASTB X1, Y1
	MOVQ         $13, AX
	MOVQ         AX, X2
	VPBROADCASTB X2, Y2
	VPXOR        Y3, Y3, Y3     // where quotes were
	VPXOR        Y4, Y4, Y4     // where carriage returns were
	XORQ         R8, R8         // line ends
	XORQ         R9, R9         // 1 where the byte before is one
	XORQ         R10, R10       // where one followed another

loop:
	VMOVDQU   (SI), Y5
	VPCMPEQB  Y5, Y1, Y6
	VPCMPEQB  Y5, Y0, Y7
	VPCMPEQB  Y5, Y2, Y8
	VPOR      Y7, Y3, Y3
	VPOR      Y8, Y4, Y4
	VPMOVMSKB Y6, DX
	POPCNTL   DX, BX
	ADDQ      BX, R8
	MOVQ      DX, R11
	SHLQ      $1, R11
	ORQ       R9, R11
	MOVQ      R11, R9
	SHRQ      $32, R9
	ANDQ      DX, R11
	ORQ       R11, R10
	ADDQ      $32, SI
	SUBQ      $32, CX
	JNZ       loop

	VPMOVMSKB Y3, AX
	VPMOVMSKB Y4, BX
	VZEROUPPER
	MOVQ      R8, ends+24(FP)
	MOVQ      R10, empty+32(FP)
	MOVQ      AX, quoted+40(FP)
	MOVQ      BX, returning+48(FP)
	RET
