; The timer tick and the time of day: INT 08h (IRQ 0), INT 1Ah.

ticks_per_day   equ 0x1800b0

irq0:
        push ds
        push ax
        push dx
        mov ds, [cs:bda_segment]
        inc word [bda.ticks]
        jnz .no_carry
        inc word [bda.ticks + 2]
.no_carry:
        cmp word [bda.ticks + 2], ticks_per_day >> 16
        jb .same_day
        cmp word [bda.ticks], ticks_per_day & 0xffff
        jb .same_day
        xor ax, ax
        mov [bda.ticks], ax
        mov [bda.ticks + 2], ax
        inc byte [bda.midnights]
.same_day:
        test byte [bda.motors], 0x0f
        jz .motors_off
        dec byte [bda.motor_ticks]
        jnz .motors_off
        and byte [bda.motors], 0xf0
        mov al, 0x0c
        mov dx, port_fdc_output
        out dx, al
.motors_off:
        int 0x1c
        cli
        mov al, 0x20
        out port_pic1, al
        pop dx
        pop ax
        pop ds
        iret

int1a:
        cmp ah, 0xb1
        jne .clock
        push ds
        ds_ebda
        cmp byte [ebda.pci], 0
        pop ds
        je .clock
        jmp int1a_pci
.clock:
        service_entry
        and byte [caller_flags], ~carry_flag
        cmp ah, (.functions_end - .functions) / 2
        jae .unknown
        sti
        mov bl, ah
        mov bh, 0
        shl bx, 1
        call [cs:bx + .functions]
        service_exit
.unknown:
        or byte [caller_flags], carry_flag
        service_exit
.functions:
        dw get_ticks, set_ticks, get_rtc_time, set_rtc_time, get_rtc_date, set_rtc_date, set_rtc_alarm, reset_rtc_alarm
        dw time_unknown, get_rtc_alarm
.functions_end:

time_unknown:
        or byte [caller_flags], carry_flag
        ret

get_ticks:
        cli
        mov al, [bda.midnights]
        mov byte [bda.midnights], 0
        mov [caller_al], al
        mov ax, [bda.ticks]
        mov [caller_dx], ax
        mov ax, [bda.ticks + 2]
        mov [caller_cx], ax
        mov byte [caller_ah], 0
        ret

set_ticks:
        cli
        mov [bda.ticks], dx
        mov [bda.ticks + 2], cx
        mov byte [bda.midnights], 0
        mov byte [caller_ah], 0
        ret
