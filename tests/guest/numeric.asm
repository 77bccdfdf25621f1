; When the x87, MMX and SSE raise exceptions of the system: #NM by EM, MP and TS, #MF with CR0.NE, IRQ 13 without, #UD and #XM of SSE, and the
; alignment and reserved bits of FXSAVE's area and MXCSR. SDM volume 3, 2.5, 6.15, 8.3, 13; volume 1, 8.6 and 11.5.
%include "kernel/kernel.inc"

PE equ 1
MP equ 2
EM equ 4
TS equ 8
NE equ 20h

%macro cr0_is 1
        mov eax, cr0
        and eax, ~(MP | EM | TS | NE)
        or eax, %1
        mov cr0, eax
%endmacro
%macro raises 4+                        ; CR0 bits, name, vector, instruction
        attempt
        cr0_is %1
  here  %4
        faulted %2, %3, NONE
%endmacro
%macro runs 3+
        attempt
        cr0_is %1
        %3
        int 30h
        returned %2
%endmacro

main:
        cr0_is MP | NE
        fninit
        raises TS | NE, "#NM of an x87 instruction with TS", E_NM, fld1
        raises EM | NE, "#NM of an x87 instruction with EM", E_NM, fld1
        raises EM | NE, "#NM of FNSTSW with EM", E_NM, fnstsw ax
        raises TS | MP | NE, "#NM of WAIT with MP and TS", E_NM, fwait
        runs TS | NE, "WAIT with TS alone", fwait
        runs MP | NE, "WAIT with MP alone", fwait
        runs EM | NE, "WAIT with EM", fwait
        attempt
        cr0_is TS | MP | NE
        clts
        fld1
        fstp st0
        int 30h
        returned "CLTS"

; ---- #MF
        cr0_is MP | NE
        fninit
        fldcw [control_zero]
        fldz
        fld1
        attempt
        fdiv st0, st1
        nop
        fnstsw [status]
        fnstcw [status + 2]
        mov eax, 1
  here  fld1
        faulted "#MF comes with the next waiting instruction", E_MF, NONE
        attempt
  here  fwait
        faulted "#MF of WAIT", E_MF, NONE
        attempt
        fnclex
        fwait
        int 30h
        returned "FNCLEX ends it"
        mov ax, [status]
        and eax, 84h
        equal "ES and ZE are set", eax, 84h
        fninit

; ---- IRQ 13
        cr0_is MP
        fldcw [control_zero]
        fldz
        fld1
        fdiv st0, st1
        mov al, 0ah                     ; the slave's requests
        out 0a0h, al
        in al, 0a0h
        and eax, 20h
        equal "without NE the slave has a request", eax, 20h
        fnclex
        fninit
        xor al, al
        out 0f0h, al
        mov al, 0ah
        out 0a0h, al
        in al, 0a0h
        and eax, 20h
        equal "port F0h takes IRQ 13 back", eax, 0
        cr0_is MP | NE

; ---- MMX
        test dword [features], 1 << 23
        jz .no_mmx
        raises TS | NE, "#NM of MMX with TS", E_NM, pxor mm0, mm0
        raises EM | NE, "#UD of MMX with EM", E_UD, pxor mm0, mm0
        runs MP | NE, "MMX runs", {pxor mm0, mm0}
        emms
        fninit
        fldcw [control_zero]
        fldz
        fld1
        fdiv st0, st1
        attempt
  here  pxor mm0, mm0
        faulted "#MF of MMX", E_MF, NONE
        fninit
.no_mmx:
        cr0_is MP | NE
        skip_unless has_fxsr, .end

; ---- FXSAVE, FXRSTOR
        raises TS | NE, "#NM of FXSAVE with TS", E_NM, fxsave [area]
        raises EM | NE, "#NM of FXRSTOR with EM", E_NM, fxrstor [area]
        attempt
        cr0_is MP | NE
  here  fxsave [area + 8]
        faulted "#GP of FXSAVE to 8 bytes", E_GP, 0
        skip_unless has_sse, .end

; ---- SSE
        raises MP | NE, "#UD of SSE without CR4.OSFXSR", E_UD, xorps xmm0, xmm0
        mov eax, cr4
        or eax, 200h
        mov cr4, eax
        raises TS | NE, "#NM of SSE with TS", E_NM, xorps xmm0, xmm0
        raises EM | NE, "#UD of SSE with EM", E_UD, xorps xmm0, xmm0
        raises EM | TS | NE, "#UD comes before #NM", E_UD, xorps xmm0, xmm0
        runs MP | NE, "SSE runs", {xorps xmm0, xmm0}
        runs EM | TS, "PREFETCH is no SSE", {prefetcht0 [area]}
        runs EM | TS, "SFENCE is no SSE either", sfence
        cr0_is MP | NE
        attempt
  here  movaps xmm0, [area + 4]
        faulted "#GP of MOVAPS of 4 bytes", E_GP, 0
        attempt
        movups xmm0, [area + 4]
        movss xmm0, [area + 1]
        int 30h
        returned "MOVUPS and MOVSS need no alignment"
        attempt
  here  addps xmm0, [area + 8]
        faulted "#GP of ADDPS of 8 bytes", E_GP, 0
        attempt
  here  ldmxcsr [reserved_mxcsr]
        faulted "#GP of a reserved bit of MXCSR", E_GP, 0
        mov dword [area + 24], 10000h
        attempt
  here  fxrstor [area]
        faulted "#GP of FXRSTOR of a reserved bit of MXCSR", E_GP, 0
        mov dword [area + 24], 1f80h
        ldmxcsr [mxcsr_zero]
        attempt
        movss xmm1, [one]
        xorps xmm2, xmm2
  here  divss xmm1, xmm2
        faulted "#UD of an SSE exception without CR4.OSXMMEXCPT", E_UD, NONE
        mov eax, cr4
        or eax, 400h
        mov cr4, eax
        attempt
        movss xmm1, [one]
        xorps xmm2, xmm2
  here  divss xmm1, xmm2
        faulted "#XM", E_XM, NONE
        stmxcsr [status]
        mov eax, [status]
        and eax, 3fh
        equal "its flag in MXCSR", eax, 4
        movss [status], xmm1
        equal "the target is as before", [status], 3f800000h
        ldmxcsr [mxcsr_plain]
.end:
        ret

        section .data
        align 16
control_zero: dw 037bh                  ; ZM clear
        align 4
reserved_mxcsr: dd 11f80h
mxcsr_plain: dd 1f80h
mxcsr_zero: dd 1d80h                    ; ZM clear
one:    dd 1.0
        section .bss
status: resd 1
        align_memory 16
area:   resb 528
        section .text
%include "kernel/end.inc"
