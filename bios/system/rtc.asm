; The real-time clock (MC146818): time, date and alarm of INT 1Ah, the waits of INT 15h AH=83h and 86h, IRQ 8.

init_rtc:
        mov ax, cmos_status_a << 8 | 0x26       ; 32.768 kHz crystal, 1024 Hz periodic rate
        call cmos_write
        mov ax, cmos_status_b << 8 | 0x02       ; BCD, 24 hours, no interrupts
        call cmos_write
        mov al, cmos_status_c
        call cmos_read
        ret

; Waits until the clock's registers will stand still for 244 us. Carry: the clock does not run.
rtc_ready:
        mov cx, 1000
.again:
        mov al, cmos_status_a
        call cmos_read
        test al, 0x80
        jz .ready
        push cx
        mov cx, 1
        call refresh_wait
        pop cx
        loop .again
        stc
        ret
.ready:
        clc
        ret

; Runs the clock with its registers held (BL = 80h) or free (BL = 0).
rtc_hold:
        mov al, cmos_status_b
        call cmos_read
        and al, 0x7f
        or al, bl
        mov ah, cmos_status_b
        jmp cmos_write

get_rtc_time:
        cli
        call rtc_ready
        jc time_unknown
        mov al, 0x00
        call cmos_read
        mov [caller_dh], al
        mov al, cmos_status_b
        call cmos_read
        and al, 0x01
        mov [caller_dl], al
        mov al, 0x02
        call cmos_read
        mov [caller_cl], al
        mov al, 0x04
        call cmos_read
        mov [caller_ch], al
        mov byte [caller_ah], 0
        mov [caller_al], al
        ret

set_rtc_time:
        cli
        call rtc_ready
        jnc .running
        call init_rtc
.running:
        mov bl, 0x80
        call rtc_hold
        mov al, [caller_dh]
        mov ah, 0x00
        call cmos_write
        mov al, [caller_cl]
        mov ah, 0x02
        call cmos_write
        mov al, [caller_ch]
        mov ah, 0x04
        call cmos_write
        mov al, cmos_status_b
        call cmos_read
        and al, 0x62
        or al, 0x02
        mov ah, [caller_dl]
        and ah, 0x01
        or al, ah
        mov [caller_al], al
        mov ah, cmos_status_b
        call cmos_write
        mov byte [caller_ah], 0
        ret

get_rtc_date:
        cli
        call rtc_ready
        jc .unknown
        mov al, 0x07
        call cmos_read
        mov [caller_dl], al
        mov al, 0x08
        call cmos_read
        mov [caller_dh], al
        mov al, 0x09
        call cmos_read
        mov [caller_cl], al
        mov al, cmos_century
        call cmos_read
        mov [caller_ch], al
        mov byte [caller_ah], 0
        mov [caller_al], al
        ret
.unknown:
        jmp time_unknown

set_rtc_date:
        cli
        call rtc_ready
        jnc .running
        call init_rtc
.running:
        mov bl, 0x80
        call rtc_hold
        mov al, [caller_dl]
        mov ah, 0x07
        call cmos_write
        mov al, [caller_dh]
        mov ah, 0x08
        call cmos_write
        mov al, [caller_cl]
        mov ah, 0x09
        call cmos_write
        mov al, [caller_ch]
        mov ah, cmos_century
        call cmos_write
        mov bl, 0
        call rtc_hold
        mov byte [caller_ah], 0
        ret

; The alarm calls INT 4Ah. Only one can be set.
set_rtc_alarm:
        cli
        mov al, cmos_status_b
        call cmos_read
        test al, 0x20
        jz .free
        jmp time_unknown
.free:
        call rtc_ready
        jnc .running
        call init_rtc
.running:
        mov al, [caller_dh]
        mov ah, 0x01
        call cmos_write
        mov al, [caller_cl]
        mov ah, 0x03
        call cmos_write
        mov al, [caller_ch]
        mov ah, 0x05
        call cmos_write
        call open_rtc_interrupt
        mov al, cmos_status_b
        call cmos_read
        and al, 0x7f
        or al, 0x20
        mov ah, cmos_status_b
        call cmos_write
        mov byte [caller_ah], 0
        ret

reset_rtc_alarm:
        cli
        mov al, cmos_status_b
        call cmos_read
        and al, 0x57
        mov ah, cmos_status_b
        call cmos_write
        mov byte [caller_ah], 0
        ret

get_rtc_alarm:
        cli
        mov al, 0x01
        call cmos_read
        mov [caller_dh], al
        mov al, 0x03
        call cmos_read
        mov [caller_cl], al
        mov al, 0x05
        call cmos_read
        mov [caller_ch], al
        mov al, cmos_status_b
        call cmos_read
        and al, 0x20
        jz .off
        mov al, 1
.off:
        mov [caller_dl], al
        mov byte [caller_ah], 0
        ret

open_rtc_interrupt:
        in al, port_pic2_mask
        and al, 0xfe
        out port_pic2_mask, al
        in al, port_pic1_mask
        and al, 0xfb
        out port_pic1_mask, al
        ret

irq8:
        push ds
        push ax
        push bx
        mov al, cmos_status_c           ; reading acknowledges
        call cmos_read
        mov bl, al
        mov al, cmos_status_b
        call cmos_read
        and bl, al                      ; what came and was asked for
        test bl, 0x40
        jz .no_tick
        mov ds, [cs:bda_segment]
        sub word [bda.wait_time], 976
        sbb word [bda.wait_time + 2], 0
        jc .over
        mov ax, [bda.wait_time]
        or ax, [bda.wait_time + 2]
        jnz .no_tick
.over:
        call stop_wait
        push es
        push di
        les di, [bda.wait_flag]
        mov byte [bda.wait_active], 0
        or byte [es:di], 0x80
        pop di
        pop es
.no_tick:
        test bl, 0x20
        jz .no_alarm
        sti
        int 0x4a
        cli
.no_alarm:
        mov al, 0x20
        out port_pic2, al
        out port_pic1, al
        pop bx
        pop ax
        pop ds
        iret

; No more periodic interrupts. Changes AX.
stop_wait:
        mov al, cmos_status_b
        call cmos_read
        and al, 0x3f
        mov ah, cmos_status_b
        jmp cmos_write

; Starts a wait of CX:DX microseconds that ends by setting bit 7 of ES:DI. Carry: one is running. DS = 40h.
start_wait:
        cli
        test byte [bda.wait_active], 0x01
        stc
        jnz .end
        mov [bda.wait_flag], di
        mov [bda.wait_flag + 2], es
        mov [bda.wait_time], dx
        mov [bda.wait_time + 2], cx
        mov byte [bda.wait_active], 0x01
        call open_rtc_interrupt
        mov al, cmos_status_c
        call cmos_read
        mov ax, cmos_status_a << 8 | 0x26
        call cmos_write
        mov al, cmos_status_b
        call cmos_read
        and al, 0x7f
        or al, 0x40
        mov ah, cmos_status_b
        call cmos_write
        clc
.end:
        ret

; INT 15h AH=83h: AL=0 starts a wait that marks ES:BX, AL=1 ends it.
set_event_wait:
        cmp al, 1
        je .cancel
        mov di, [caller_bx]
        call start_wait
        jc .busy
        ret
.cancel:
        cli
        call stop_wait
        mov byte [bda.wait_active], 0
        ret
.busy:
        mov byte [caller_ah], 0x83
        or byte [caller_flags], carry_flag
        ret

; INT 15h AH=86h: waits CX:DX microseconds. Short ones by the refresh toggle, which is finer than the clock's 976 us.
wait_microseconds:
        test cx, cx
        jnz .long
        cmp dx, 4000
        jae .long
        mov ax, dx
        xor dx, dx
        mov bx, 15
        div bx
        mov cx, ax
        inc cx
        call refresh_wait
        ret
.long:
        mov ax, ds
        mov es, ax
        mov di, bda.wait_active
        call start_wait
        jc set_event_wait.busy
.wait:
        cli
        test byte [bda.wait_active], 0x80
        jnz .done
        call idle
        jmp .wait
.done:
        mov byte [bda.wait_active], 0
        sti
        ret

; 0040:006C from the clock: seconds * 1193182 / 65536 = seconds * (18 + 13534 / 65536).
set_ticks_from_rtc:
        mov ds, [cs:bda_segment]
        cli
        call rtc_ready
        jc .unknown
        mov al, 0x04
        call .binary
        mov bx, 60
        mul bx
        mov si, ax                      ; minutes
        mov al, 0x02
        call .binary
        add ax, si
        mul bx
        mov si, ax                      ; DX:SI seconds
        mov di, dx
        mov al, 0x00
        call .binary
        add si, ax
        adc di, 0
        mov ax, si                      ; seconds * 13534 / 65536
        mov bx, 13534
        mul bx
        mov cx, dx
        mov ax, di
        mul bx
        add cx, ax                      ; fits: at most 17843
        mov ax, si
        mov bx, 18
        mul bx
        add ax, cx
        adc dx, 0
        mov cx, ax
        mov si, dx
        mov ax, di
        mul bx
        add si, ax
        mov [bda.ticks], cx
        mov [bda.ticks + 2], si
.unknown:
        sti
        ret
.binary:                                ; AX = CMOS byte AL, from BCD
        call cmos_read
        mov ah, al
        and al, 0x0f
        push cx
        mov cl, 4
        shr ah, cl
        pop cx
        aad
        ret
