; Protected mode as an 80286 has it, from a ROM: faults with codes of 16 bits, rings, a call gate with parameters, tasks. Ends at the exit port
; with 0, or with the number of the first check that failed. (80286 programmer's reference manual, chapters 6 to 10; appendix B.)
        cpu 286
        bits 16
        org 0

CODE0 equ 08h
DATA0 equ 10h                           ; 64 KiB from 0
CODE3 equ 1bh
DATA3 equ 23h
TSS_A equ 28h
TSS_B equ 30h
GATE equ 38h                            ; to gate_entry, two words, from ring 3
ABSENT equ 48h
TASK_GATE equ 50h
WIDE_TSS equ 58h                        ; of a 386
NONE equ 0bad0h

; In RAM.
gdt equ 1000h
idt equ 2000h
tss_a equ 3000h
tss_b equ 3080h
recover equ 3100h
recover_sp equ 3102h
vector equ 3104h
code equ 3106h
ip equ 3108h
cs_seen equ 310ah
mark equ 310ch
stack0 equ 6000h
stack_b equ 7000h
stack3 equ 8000h

%assign number 0
%macro must 1                           ; condition that holds
    %assign number number + 1
        j%1 %%good
        mov al, number
        jmp finish
%%good:
%endmacro
%macro is 2                             ; memory word, value
        cmp word [%1], %2
        must e
%endmacro
%macro attempt 0
        %push attempt
        mov word [recover], %$recovered
        mov [recover_sp], sp
%endmacro
%macro faults 3                         ; vector, code, where
        int 31h
%$recovered:
        is vector, %1
        is code, %2
        is ip, %3
        %pop
%endmacro

start:
        cli
        cld
        xor ax, ax
        mov es, ax
        mov ss, ax
        mov sp, stack0
        mov cx, 400h                    ; an empty IDT, TSSs, variables
        mov di, 2000h
        rep stosw
        mov cx, 400h
        rep stosw
        mov si, rom_gdt
        mov di, gdt
        mov cx, (rom_gdt_end - rom_gdt) / 2
.copy:
        mov ax, [cs:si]
        stosw
        add si, 2
        loop .copy
        mov di, idt
        mov bx, stubs
        mov cx, 40h
.gates:
        mov ax, bx
        stosw
        mov ax, CODE0
        stosw
        mov ax, 8600h
        stosw
        xor ax, ax
        stosw
        add bx, 8
        loop .gates
        mov ds, ax
        mov byte [idt + 30h * 8 + 5], 0e6h
        lgdt [cs:gdt_pointer]
        lidt [cs:idt_pointer]
        smsw ax
        test al, 1
        must z
        or al, 1
        lmsw ax
        jmp CODE0:.protected
.protected:
        mov ax, DATA0
        mov ds, ax
        mov es, ax
        mov ss, ax
        xor ax, ax
        lldt ax
        mov word [tss_a + 2], stack0 - 800h
        mov word [tss_a + 4], DATA0
        mov ax, TSS_A
        ltr ax
        smsw ax
        test al, 1
        must nz
        xor al, al
        lmsw ax
        smsw ax
        test al, 1                      ; only a reset leaves protected mode
        must nz

        attempt
        mov ax, 0fff8h
.load:  mov es, ax
        faults 13, 0fff8h, .load
        attempt
        mov ax, ABSENT
.absent: mov es, ax
        faults 11, ABSENT, .absent
        attempt
.beyond: mov ax, [0ffffh]
        faults 13, 0, .beyond
        attempt
.undefined: db 0fh, 0ffh
        faults 6, NONE, .undefined
        attempt
.divide: aam 0
        faults 0, NONE, .divide
        attempt
.store: mov [cs:start], al
        faults 13, 0, .store
        mov byte [idt + 32h * 8 + 5], 06h
        attempt
.gate:  int 32h
        faults 11, 32h * 8 + 2, .gate
        mov byte [idt + 32h * 8 + 5], 8eh
        attempt
.wide:  int 32h                         ; a gate of a 386
        faults 13, 32h * 8 + 2, .wide
        attempt
        mov ax, WIDE_TSS
.ltr:   ltr ax                          ; and its TSS
        faults 13, WIDE_TSS, .ltr

; ---- ring 3
%macro in_ring3 0
        push DATA3
        push stack3
        push CODE3
        push %%outer
        retf
%%outer:
        mov ax, DATA3
        mov ds, ax
%endmacro
        attempt
        in_ring3
.cli:   cli
        faults 13, 0, .cli
        is cs_seen, CODE3
        attempt
        in_ring3
.inner: mov ax, DATA0
.inner_load:
        mov es, ax
        faults 13, DATA0, .inner_load
        attempt
        in_ring3
.jump:  jmp CODE0:start
        faults 13, CODE0, .jump
        attempt
        in_ring3
        push 2222h
        push 1111h
        call GATE | 3:0ffffh            ; the offset counts for nothing
.called:
        int 30h
.behind_gate:
        faults 30h, NONE, .behind_gate
        is cs_seen, CODE3
        is mark, 7                      ; gate_entry found all as it must be

; ---- tasks
        mov word [tss_b + 14], task     ; IP
        mov word [tss_b + 16], 2        ; flags
        mov word [tss_b + 26], stack_b  ; SP
        mov word [tss_b + 34], DATA0    ; ES
        mov word [tss_b + 36], CODE0    ; CS
        mov word [tss_b + 38], DATA0    ; SS
        mov word [tss_b + 40], DATA0    ; DS
        mov bx, 5555h
        call TSS_B:0
        cmp bx, 5555h                   ; the task's own BX stayed with it
        must e
        is mark, 1
        is tss_b, TSS_A                 ; the link
        cmp byte [gdt + TSS_B + 5], 81h
        must e
        cmp byte [gdt + TSS_A + 5], 83h
        must e
        smsw ax
        test al, 8
        must nz
        clts
        call TASK_GATE:0
        is mark, 2
        mov byte [gdt + TSS_B + 5], 83h
        attempt
.busy:  call TSS_B:0
        faults 13, TSS_B, .busy
        mov al, 0
finish:
        out 0f4h, al
        hlt
        jmp finish

; From ring 3: two words behind the return address, then the caller's SP and SS.
gate_entry:
        mov bp, sp
        mov ax, DATA0
        mov ds, ax
        mov word [mark], 0
        cmp word [bp], start.called
        jne .wrong
        cmp word [bp + 2], CODE3
        jne .wrong
        inc word [mark]
        cmp word [bp + 4], 1111h
        jne .wrong
        cmp word [bp + 6], 2222h
        jne .wrong
        inc word [mark]
        cmp word [bp + 8], stack3 - 4
        jne .wrong
        cmp word [bp + 10], DATA3
        jne .wrong
        cmp sp, stack0 - 800h - 12
        jne .wrong
        mov word [mark], 7
.wrong:
        retf 4

task:
        inc word [mark]
        cmp word [mark], 8              ; it goes on where it was
        jne .first
        mov word [mark], 1
.first:
        mov bx, 7777h
        iret
        jmp task

; Vector, perhaps an error code, IP, CS, flags.
note:
        push ds
        push DATA0
        pop ds
        pop word [mark + 2]
        pop word [vector]
        mov word [code], NONE
        cmp word [vector], 8
        je .code
        cmp word [vector], 10
        jb .rest
        cmp word [vector], 13
        ja .rest
.code:
        pop word [code]
.rest:
        pop word [ip]
        pop word [cs_seen]
        mov ax, DATA0
        mov es, ax
        mov ss, ax
        mov sp, [recover_sp]
        jmp [recover]

        align 8
stubs:
%assign n 0
%rep 40h
        align 8
        push n
        jmp near note
    %assign n n + 1
%endrep

        align 8
rom_gdt:
        dw 0, 0, 0, 0
        dw 0ffffh, 0, 9a0fh, 0          ; CODE0, from F0000
        dw 0ffffh, 0, 9200h, 0          ; DATA0
        dw 0ffffh, 0, 0fa0fh, 0         ; CODE3
        dw 0ffffh, 0, 0f200h, 0         ; DATA3
        dw 43, tss_a, 8100h, 0
        dw 43, tss_b, 8100h, 0
        dw gate_entry, CODE0, 0e402h, 0
        dw 0, 0, 0, 0
        dw 0ffffh, 0, 1200h, 0          ; ABSENT
        dw 0, TSS_B, 8500h, 0
        dw 103, tss_b, 8900h, 0
rom_gdt_end:
gdt_pointer: dw rom_gdt_end - rom_gdt - 1, gdt, 0
idt_pointer: dw 40h * 8 - 1, idt, 0

        times 0fff0h - ($ - $$) db 0ffh
        jmp 0f000h:start
        times 10000h - ($ - $$) db 0ffh
