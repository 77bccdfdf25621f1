; The keyboard controller (8042): its two queues, its commands, A20 and the keyboard's own set-up.

; Waits until the controller takes a byte. Carry: it does not. Changes AX.
controller_wait_input:
        push cx
        mov cx, 0x4000
.again:
        in al, port_keyboard
        test al, 0x02
        jz .done                        ; carry is clear
        loop .again
        stc
.done:
        pop cx
        ret

; Waits up to CX * 15 us for a byte in the output queue and takes it: AL, AH = status. Carry: none came.
controller_read:
        push cx
        push dx
        mov dx, cx
.again:
        mov cx, 8
.look:
        in al, port_keyboard
        test al, 0x01
        jnz .there
        loop .look
        mov cx, 1
        call refresh_wait
        dec dx
        jnz .again
        stc
        jmp .done
.there:
        mov ah, al
        in al, port_keyboard_data
        clc
.done:
        pop dx
        pop cx
        ret

; Command AL to the controller. Carry: not taken.
controller_command:
        push ax
        call controller_wait_input
        pop ax
        jc .done
        out port_keyboard, al
        clc
.done:
        ret

; Byte AL to the data port.
controller_data:
        push ax
        call controller_wait_input
        pop ax
        jc .done
        out port_keyboard_data, al
        clc
.done:
        ret

; The command byte: AL.
controller_mode:
        push ax
        mov al, 0x60
        call controller_command
        pop ax
        jmp controller_data

; Empties the output queue.
controller_flush:
        push cx
        mov cx, 64
.again:
        in al, port_keyboard
        test al, 0x01
        jz .done
        in al, port_keyboard_data
        loop .again
.done:
        pop cx
        ret

mode_quiet      equ 0x74                ; translation, both devices off, system flag
mode_keyboard   equ 0x65                ; keyboard and its interrupt on, mouse off
mode_both       equ 0x47

; Self-test, and the keyboard's reset under way: its answer (AAh, after up to half a second) is taken by
; finish_keyboard, and meanwhile the rest of the machine is set up.
init_controller:
        call controller_flush
        mov al, 0xaa
        call controller_command
        mov cx, 4000
        call controller_read            ; 55h
        mov al, mode_quiet
        call controller_mode
        mov al, 0xae
        call controller_command
        call controller_flush
        mov al, 0xff
        call controller_data
        ds_ebda
        mov byte [ebda.keyboard_ok], 0
        ret

; Takes what the keyboard said to its reset (FAh AAh), waiting at most half a second, and lets it interrupt.
finish_keyboard:
        ds_ebda
        mov bx, ds
        mov ds, [cs:bda_segment]
        mov dx, [bda.ticks]
.wait:
        in al, port_keyboard
        test al, 0x01
        jz .nothing
        in al, port_keyboard_data
        cmp al, 0xaa
        je .there
        jmp .wait
.nothing:
        cli
        mov ax, [bda.ticks]
        sub ax, dx
        cmp ax, 12
        jae .absent
        call idle
        jmp .wait
.there:
        mov ds, bx
        mov byte [ebda.keyboard_ok], 1
.absent:
        cli
        mov al, mode_keyboard
        call controller_mode
        sti
        ret

; A20 by both of its gates, as either may hold it. Keeps everything.
a20_off:
        push ax
        pushf
        cli
        in al, port_a
        or al, 0x02                     ; some boards see only a change
        and al, 0xfe                    ; bit 0 would reset the processor
        out port_a, al
        mov al, 0xdd
        call a20_by_controller
        in al, port_a
        and al, 0xfc
        out port_a, al
        popf
        pop ax
        ret
a20_on:
        push ax
        pushf
        cli
        mov al, 0xdf
        call a20_by_controller
        in al, port_a
        and al, 0xfc
        out port_a, al
        or al, 0x02
        out port_a, al
        popf
        pop ax
        ret
; Output port of the controller: AL.
a20_by_controller:
        push ax
        mov al, 0xd1
        call controller_command
        pop ax
        call controller_data
        mov al, 0xff                    ; a null command: the port has changed when this is taken
        call controller_command
        call controller_wait_input
        ret

; NZ: A20 is on. Compares 0000:04F0 with FFFF:0500, which are one place while it is off.
a20_state:
        push ds
        push es
        push ax
        pushf
        cli
        xor ax, ax
        mov ds, ax
        dec ax
        mov es, ax
        mov ax, [0x4f0]
        cmp ax, [es:0x500]
        jne .on
        xor word [0x4f0], 0x5aa5        ; the same by chance?
        cmp ax, [es:0x500]
        mov [0x4f0], ax
        je .on
        popf
        xor ax, ax
        jmp .done
.on:
        popf
        mov ax, 1
        test ax, ax
.done:
        pop ax
        pop es
        pop ds
        ret

; Resets the processor, and the machine with it where the board does so. With nothing but POST if that fails.
reset_machine:
        cli
        call controller_wait_input
        mov al, 0xfe
        out port_keyboard, al
        mov cx, 1000
        call refresh_wait
        in al, port_a
        and al, 0xfe
        out port_a, al
        or al, 0x01
        out port_a, al
        mov cx, 1000
        call refresh_wait
        jmp 0xf000:0xfff0
